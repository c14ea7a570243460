#include "hessopt/kernels/gram.hpp"

#include "gram_slices.hpp"
#include "gram_split.hpp"
#include "parts.hpp"

namespace hessopt::kernels {
namespace {

template <Real Compute, Real From>
constexpr GramOf<Compute, From> gram_of{
    .scratch = &gram_scratch<Compute, From>,
    .add = &add_gram<Compute, From>,
    .packs = &gram_packs<Compute>,
    .pack = &gram_pack<Compute, From>,
    .sums = &gram_sums<Compute>,
    .add_sums = &add_gram_sums<Compute, From>,
};
template <Real T>
constexpr ProductOf<T> product_of{&product_scratch<T>, &add_product<T>};
template <Real From>
constexpr SplitGramOf<From> split_gram_of{&split_scratch<From>, &add_split_gram<From>};

}  // namespace

constinit const GramKernels parts::gram{
    gram_of<float, float>, gram_of<float, double>, gram_of<double, float>, gram_of<double, double>,
    product_of<float>,     product_of<double>,     split_gram_of<float>,   split_gram_of<double>};

}  // namespace hessopt::kernels
