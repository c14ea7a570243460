#include "arrays.hpp"
#include "floors.hpp"
#include "hessopt/dropout/apply.hpp"
#include "hessopt/random/philox.hpp"

namespace hessopt::bindings {
namespace {

py::array_t<std::uint8_t> packed_mask(Index size, double keep, std::uint64_t seed,
                                      std::uint32_t stream, bool antithetic, Index offset) {
  NewArray<std::uint8_t> packed({(size + 7) / 8});
  std::uint8_t* bits = packed.data();
  {
    const LongCall call;
    pack_mask(Mask(keep, seed, stream, antithetic), offset, size, bits);
  }
  return packed;
}

// out: C-contiguous, of bool, float32 or float64.
void mask_into(py::array& out, double keep, std::uint64_t seed, std::uint32_t stream,
               bool antithetic, Index offset) {
  const Mask mask(keep, seed, stream, antithetic);
  const Index size = out.size();
  if (holds<bool>(out)) {
    bool* kept = Elements<bool>(out).in_c_order();
    const LongCall call;
    return spread_mask(mask, offset, size, kept);
  }
  dispatch(out, [&]<class T>() {
    T* numbers = Elements<T>(out).in_c_order();
    const LongCall call;
    mask_numbers(mask, offset, size, numbers);
  });
}

// x and out are of one shape and dtype, each with strides of its own; along the axes of `shared`
// the noise is one.
template <Real T>
Walk<T> walk_of(const py::array& x, py::array& out, const std::vector<bool>& shared) {
  const auto ndim = static_cast<py::ssize_t>(shared.size());
  const Elements<const T> from(x, ndim);
  const Elements<T> to(out, ndim);
  std::vector<Axis> axes(shared.size());
  Index stride = 1;
  for (std::size_t a = axes.size(); a-- > 0;) {
    const auto d = static_cast<Index>(a);
    axes[a] = {from.size(d), from.stride(d), to.stride(d), shared[a] ? 0 : stride};
    if (!shared[a]) stride *= from.size(d);
  }
  return Walk<T>(axes, from.data(), to.data());
}

void dropout_into(const py::array& x, py::array& out, const std::vector<bool>& shared, double rate,
                  double scale, std::uint64_t seed, std::uint32_t stream, bool antithetic,
                  Index offset) {
  dispatch(x, [&]<class T>() {
    const Walk<T> walk = walk_of<T>(x, out, shared);
    const LongCall call;
    apply_mask(Mask(1.0 - rate, seed, stream, antithetic), static_cast<T>(scale), offset, walk);
  });
}

void gaussian_dropout_into(const py::array& x, py::array& out, const std::vector<bool>& shared,
                           double rate, std::uint64_t seed, std::uint32_t stream, bool antithetic,
                           Index offset) {
  dispatch(x, [&]<class T>() {
    const Walk<T> walk = walk_of<T>(x, out, shared);
    const LongCall call;
    apply_normal(GaussianDropout{rate, seed}, {.stream = stream, .mirrored = antithetic}, offset,
                 walk);
  });
}

// Random words of rows, 4 `counters` of them each: those of the counters rows[i] counters + j in
// one plane of a stream, as stream.hpp counts them.
py::array_t<std::uint32_t> words_of_rows(const py::array& rows, Index counters, std::uint32_t plane,
                                         std::uint64_t seed, std::uint32_t stream) {
  const Elements<const std::int64_t> row(rows, 1);
  const std::int64_t* first = row.in_c_order();
  const Index n = row.size();
  NewArray<std::uint32_t> words({n, 4 * counters});
  std::uint32_t* out = words.data();
  {
    const LongCall call;
    const Philox philox(seed);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < counters; ++j) {
        const auto at = static_cast<std::uint64_t>(first[i] * counters + j);
        for (const std::uint32_t x : philox({Philox::low(at), Philox::high(at), plane, stream}))
          *out++ = x;
      }
  }
  return words;
}

}  // namespace

void bind_random(py::module_& m) {
  using namespace py::literals;
  m.def("packed_mask", &packed_mask, "size"_a, "keep"_a, "seed"_a, "stream"_a, "antithetic"_a,
        "offset"_a);
  m.def("mask_into", &mask_into, "out"_a, "keep"_a, "seed"_a, "stream"_a, "antithetic"_a,
        "offset"_a);
  m.def("dropout_into", &dropout_into, "x"_a, "out"_a, "shared"_a, "rate"_a, "scale"_a, "seed"_a,
        "stream"_a, "antithetic"_a, "offset"_a);
  m.def("gaussian_dropout_into", &gaussian_dropout_into, "x"_a, "out"_a, "shared"_a, "rate"_a,
        "seed"_a, "stream"_a, "antithetic"_a, "offset"_a);
  m.def("words_of_rows", &words_of_rows, "rows"_a, "counters"_a, "plane"_a, "seed"_a, "stream"_a);
}

}  // namespace hessopt::bindings
