#include "hessopt/networks/batch_norm.hpp"

namespace hessopt {

template <Real T>
void NormNumbers<T>::set(const Layer& layer, const T* x, const Statistics& statistics) {
  const Vector s = (statistics.variance.array() + layer.norm->eps).sqrt().inverse();
  const Eigen::Map<const VectorOf<T>> gamma(x + layer.weights, layer.units);
  mean = statistics.mean.template cast<T>();
  scale = s.template cast<T>();
  slope = (gamma.template cast<double>().cwiseProduct(s)).template cast<T>();
}

template <Real T>
std::vector<NormNumbers<T>> norm_numbers(const Architecture& network, const T* x) {
  std::vector<NormNumbers<T>> numbers(static_cast<std::size_t>(network.depth() + 1));
  for (const Index l : network.norms())
    if (const Layer& layer = network.layer(l); layer.norm->fixed)
      numbers[static_cast<std::size_t>(l)].set(layer, x, *layer.norm->fixed);
  return numbers;
}

template struct NormNumbers<float>;
template struct NormNumbers<double>;
template std::vector<NormNumbers<float>> norm_numbers(const Architecture&, const float*);
template std::vector<NormNumbers<double>> norm_numbers(const Architecture&, const double*);

}  // namespace hessopt
