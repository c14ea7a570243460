#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/dropout/apply.hpp"

namespace hessopt::bindings {
namespace {

py::array_t<std::uint8_t> packed_mask(Index size, double keep, std::uint64_t seed,
                                      std::uint32_t stream, Index offset) {
  py::array_t<std::uint8_t> out((size + 7) / 8);
  std::uint8_t* bits = out.mutable_data();
  const py::gil_scoped_release release;
  Mask(keep, seed, stream).pack(offset, size, bits);
  return out;
}

py::array_t<bool> bool_mask(Index size, double keep, std::uint64_t seed, std::uint32_t stream,
                            Index offset) {
  py::array_t<bool> out(size);
  bool* kept = out.mutable_data();
  const py::gil_scoped_release release;
  Mask(keep, seed, stream)
      .parallel_for_each(offset, size, [&](const auto& words, Index lo, Index hi, Index at) {
        for (Index e = lo; e < hi; ++e) kept[at + e - lo] = ((words[e / 32] >> (e % 32)) & 1u) != 0;
      });
  return out;
}

// x and out: C-contiguous, of one shape and dtype; out may be x.
void dropout_into(const py::array& x, py::array& out, double rate, std::uint64_t seed,
                  std::uint32_t stream) {
  dispatch(x, [&]<class T>() {
    const T* from = static_cast<const T*>(x.data());
    T* to = static_cast<T*>(out.mutable_data());
    const Index size = x.size();
    const py::gil_scoped_release release;
    dropout(Dropout{rate, seed}, stream, size, from, to);
  });
}

}  // namespace

void bind_random(py::module_& m) {
  using namespace py::literals;
  m.def("packed_mask", &packed_mask, "size"_a, "keep"_a, "seed"_a, "stream"_a, "offset"_a);
  m.def("bool_mask", &bool_mask, "size"_a, "keep"_a, "seed"_a, "stream"_a, "offset"_a);
  m.def("dropout_into", &dropout_into, "x"_a, "out"_a, "rate"_a, "seed"_a, "stream"_a);
}

}  // namespace hessopt::bindings
