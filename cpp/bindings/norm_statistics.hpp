// Statistics of layers of batch normalisation: (mean, variance) of each in Python.
#pragma once

#include <utility>
#include <vector>

#include "arrays.hpp"
#include "hessopt/networks/architecture.hpp"

namespace hessopt::bindings {

using StatisticsPair = std::pair<std::vector<double>, std::vector<double>>;

inline Statistics statistics_from(const StatisticsPair& pair) {
  const auto vector = [](const std::vector<double>& v) {
    return Vector(Eigen::Map<const Vector>(v.data(), std::ssize(v)));
  };
  return {vector(pair.first), vector(pair.second)};
}

inline py::list to_python(const std::vector<Statistics>& statistics) {
  py::list out;
  for (const Statistics& of : statistics)
    out.append(py::make_tuple(to_numpy(of.mean), to_numpy(of.variance)));
  return out;
}

}  // namespace hessopt::bindings
