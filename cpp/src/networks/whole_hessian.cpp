#include "hessopt/networks/whole_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <variant>
#include <vector>

#include "hessian_tiles.hpp"
#include "hessopt/core/blocks.hpp"
#include "hessopt/core/scratch.hpp"
#include "hessopt/core/threads.hpp"
#include "hessopt/linalg/gram.hpp"
#include "hessopt/networks/eliminate.hpp"
#include "hessopt/networks/read_block.hpp"
#include "hessopt/networks/row_curvature.hpp"

namespace hessopt {
namespace {

// The p with triangle(p) <= r < triangle(p + 1).
Index row_of(Index r) {
  auto p = static_cast<Index>((std::sqrt(8.0 * static_cast<double>(r) + 1) - 1) / 2);
  while (triangle(p) > r) --p;
  while (triangle(p + 1) <= r) ++p;
  return p;
}

// Of the rows and samples that are looked at together, in C and all that belongs to it.
constexpr Index most_bytes = Index{48} << 20;
constexpr Index most_blocks = 8;
// Blocks that a kernel sums at a time, with the columns that are made for it in the first cache.
constexpr Index blocks_at_once = 2;
constexpr Index columns_at_once = 12;
template <Real T>
class WholeHessian {
 public:
  // statistics: into it the derivatives of those of barriers by the parameters, with those below
  // held, a row each; see eliminate.hpp.
  WholeHessian(const Network& network, const MatrixView<T>& rows, const VectorOf<T>& x,
               const std::vector<NormNumbers<T>>& norms, bool gauss_newton, MatrixRef h,
               Matrix& statistics)
      : network_(network),
        net_(network.architecture()),
        rows_(rows),
        x_(x),
        norms_(norms),
        gauss_newton_(gauss_newton),
        h_(h),
        statistics_(statistics),
        tiles_(hessian_tiles(net_)) {
    for (const Index l : net_.barriers()) {
      first_statistic_.resize(static_cast<std::size_t>(l + 1));
      first_statistic_[static_cast<std::size_t>(l)] = statistics_.rows();
      statistics_.conservativeResize(statistics_.rows() + 2 * net_.width(l), Eigen::NoChange);
    }
    statistics_.setZero(statistics_.rows(), net_.n_parameters());
  }

  void add_all() {
    const Index n = network_.data().rows(), samples = network_.masks().samples;
    const RowCurvature<T> one(net_, gauss_newton_);
    const Index most = std::max<Index>(1, most_bytes / one.bytes());
    const Index together = std::min(samples, std::max<Index>(1, most / (2 * blocks_at_once)));
    const Cut rows{n, kernels::network_rows * std::clamp<Index>(most / together, 1, most_blocks)};
    const Cut some{samples, together};
    const Index room = together * Cut{std::min(n, rows.step), kernels::network_rows}.count();
    next_ = one.bytes();
    const Scratch memory(room * next_);
    parts_.assign(static_cast<std::size_t>(room), one);
    for (Index i = 0; i < room; ++i)
      parts_[static_cast<std::size_t>(i)].place(static_cast<char*>(memory.data()) + i * next_);
    for (Index r = 0; r < rows.count(); ++r)
      for (Index s = 0; s < some.count(); ++s)
        add(rows.begin(r), rows.size(r), some.begin(s), some.size(s));
  }

 private:
  static constexpr Index stride = kernels::network_stride<T>;

  // What layers up to this are fed with is the same for all samples.
  Index common() const { return net_.first_masked(); }
  RowCurvature<T>& part(Index sample, Index block) {
    return parts_[static_cast<std::size_t>(sample * blocks_ + block)];
  }

  void add(Index begin, Index count, Index first_sample, Index samples) {
    const Cut cut{count, kernels::network_rows};
    blocks_ = cut.count(), samples_ = samples;
    parallel_for(blocks_ * samples, [&](Index i) {
      const Index block = i % blocks_, sample = i / blocks_;
      evaluate(part(sample, block), begin + cut.begin(block), cut.size(block),
               first_sample + sample);
    });
    if (samples > 1) parallel_for(blocks_, [&](Index block) { sum_samples(block); });
    parallel_for(static_cast<Index>(tiles_.size()),
                 [&](Index i) { add_tile(tiles_[static_cast<std::size_t>(i)]); });
  }

  void evaluate(RowCurvature<T>& part, Index begin, Index count, Index sample) const {
    BlockState<T>& state = part.state;
    read_block(rows_, &network_.data(), begin, count, state);
    read_targets(network_.data(), network_.masks().samples, begin, state.output, count);
    read_shares(network_.data(), begin, state);
    kernels::networks<T>().transpose(count, net_.width(0), state.row, rows_.col_stride, state[0].a);
    BlockPass<T> pass(net_, network_.loss(), network_.masks(), x_.data(), norms_, state);
    if (net_.rate(0) > 0) pass.mask(0, sample, state[0]);
    pass.forward_masked(0, net_.depth(), sample);
    pass.evaluate_loss();
    if (!gauss_newton_) pass.reverse(net_.depth(), 1);
    part.curve(network_.loss(), x_.data(), norms_);
  }

  // Of layers that are fed with the same in all samples, C and d, which their blocks are linear in.
  void sum_samples(Index block) {
    RowCurvature<T>& sum = part(0, block);
    const Index rows = sum.state.rows;
    const auto& table = kernels::networks<T>();
    for (Index sample = 1; sample < samples_; ++sample) {
      const RowCurvature<T>& other = part(sample, block);
      for (Index k = 1; k <= common(); ++k) {
        for (Index l = 1; l <= k; ++l)
          table.add(rows, sum.c_columns(k, l), other.c(k, l), sum.c(k, l));
        if (!gauss_newton_) table.add(rows, net_.width(k), other.state[k].d, sum.state[k].d);
      }
    }
  }

  void add_tile(const HessianTile& tile) {
    constexpr Index columns = columns_at_once * stride;
    const Scratch scratch((blocks_at_once * columns + tile.n_held * tile.n_made) *
                          static_cast<Index>(sizeof(T)));
    T* made = static_cast<T*>(scratch.data());
    T* sums = made + blocks_at_once * columns;
    std::fill_n(sums, tile.n_held * tile.n_made, T{0});
    const Index samples = tile.l <= common() ? 1 : samples_;
    for (Index sample = 0; sample < samples; ++sample)
      for (Index first = 0; first < blocks_; first += blocks_at_once) {
        const Index last = std::min(first + blocks_at_once, blocks_);
        const RowCurvature<T>& from = part(sample, first);
        const T* held = held_by(from, tile) + tile.held * stride;
        const Index rows =
            (last - first - 1) * kernels::network_rows + part(sample, last - 1).state.rows;
        for (Index at = 0; at < tile.n_made; at += columns_at_once) {
          const Index count = std::min(columns_at_once, tile.n_made - at);
          for (Index block = first; block < last; ++block)
            make(tile, sample, block, tile.made + at, count, made + (block - first) * columns);
          kernels::networks<T>().add_inner_of_blocks(rows, tile.n_held, count, held,
                                                     next_ / static_cast<Index>(sizeof(T)), made,
                                                     columns, sums + at * tile.n_held);
        }
      }
    hand_over(tile, sums);
  }

  const T* held_by(const RowCurvature<T>& from, const HessianTile& tile) const {
    if (tile.kind == HessianTile::own) return from.c(tile.l, tile.l);
    return from.inputs(tile.l) + (tile.unit < 0 ? 0 : 2 * tile.unit * stride);
  }

  // (p, i, q) of what is made.
  struct Made {
    Index p, i, q;
  };
  Index fed(const HessianTile& tile) const {
    return tile.kind == HessianTile::statistics ? 2 : net_.layer(tile.k).fed();
  }
  Made made_of(const HessianTile& tile, Index made) const {
    const Index above = fed(tile), unit = made / above, q = made % above;
    const Index width = net_.width(tile.l);
    const bool is_own = tile.kind == HessianTile::statistics && tile.k == tile.l + 1;
    if (tile.unit >= 0) return {is_own ? tile.unit : unit, tile.unit, q};
    return {is_own ? unit : unit / width, unit % width, q};
  }

  // Columns begin .. begin + count of those that are made.
  void make(const HessianTile& tile, Index sample, Index block, Index begin, Index count, T* out) {
    if (tile.kind == HessianTile::own)
      return make_pairs(part(sample, block), tile.l, begin, count, out);
    // With A_l the same for all samples, what it is multiplied by is summed over them.
    const bool is_sum =
        tile.l <= common() && (tile.k > common() || tile.kind == HessianTile::statistics);
    const Index samples = is_sum ? samples_ : 1;
    const Index above = fed(tile);
    while (count > 0) {
      const Made at = made_of(tile, begin);
      const Index run = std::min(count, above - at.q);
      for (Index s = 0; s < samples; ++s) {
        const RowCurvature<T>& from = part(is_sum ? s : sample, block);
        if (tile.kind == HessianTile::statistics)
          add_shares(from, tile, at, run, s > 0, out);
        else
          add_units(from, tile, at, run, s > 0, out);
      }
      begin += run, count -= run, out += run * stride;
    }
  }

  // A[q] o A[j], q <= j, in the order of triangle(j) + q
  void make_pairs(const RowCurvature<T>& from, Index l, Index begin, Index count, T* out) const {
    const T* a = from.inputs(l);
    for (Index j = row_of(begin), q = begin - triangle(j); count > 0; ++j, q = 0) {
      const Index run = std::min(count, j + 1 - q);
      kernels::networks<T>().multiply_by_column(from.state.rows, run, a + q * stride,
                                                a + j * stride, out);
      count -= run, out += run * stride;
    }
  }

  // C_kl[p,i] A_k[q] + d_k[p] J_{k-1,l}[q,i], for `run` of q.
  void add_units(const RowCurvature<T>& from, const HessianTile& tile, const Made& at, Index run,
                 bool add, T* out) const {
    const auto& table = kernels::networks<T>();
    const auto& [k, l] = std::tie(tile.k, tile.l);
    const auto& [p, i, q] = at;
    const Layer& above = net_.layer(k);
    const Index rows = from.state.rows, below = net_.width(k - 1);
    const T* const a = from.inputs(k) + (above.norm ? 2 * p + q : q) * stride;
    (add ? table.add_by_column : table.multiply_by_column)(rows, run, a, c_of(from, k, l, p, i),
                                                           out);
    if (gauss_newton_ || k == l) return;
    const T* d = from.state[k].d + p * stride;
    if (above.norm) {
      if (q == 0 && (k > l + 1 || p == i)) add_scaled(from, k, p, j_of(from, k, l, p, i), d, out);
    } else if (k == l + 1) {
      if (q <= i && i < q + run)
        table.add_by_column(rows, 1, j_of(from, k, l, i, i), d, out + (i - q) * stride);
    } else {
      table.add_by_column(rows, std::min(run, below - q), j_of(from, k, l, q, i), d, out);
    }
  }

  // û_p is u_p times s: s d_k[p] J_{k-1,l}[p,i]
  void add_scaled(const RowCurvature<T>& from, Index k, Index p, const T* j, const T* d,
                  T* out) const {
    const T* const scale[] = {&norms_[static_cast<std::size_t>(k)].scale[p]};
    kernels::networks<T>().combine(from.state.rows, 1, 1, scale, &j, nullptr, d, true, out);
  }

  // J_{k-1,l}[p,i] times the shares of u_p in the mean and the variance.
  void add_shares(const RowCurvature<T>& from, const HessianTile& tile, const Made& at, Index run,
                  bool add, T* out) const {
    const auto& table = kernels::networks<T>();
    (add ? table.add_by_column : table.multiply_by_column)(
        from.state.rows, run, from.shares(tile.k) + (2 * at.p + at.q) * stride,
        j_of(from, tile.k, tile.l, at.p, at.i), out);
  }

  const T* c_of(const RowCurvature<T>& from, Index k, Index l, Index p, Index i) const {
    const Index column = k == l ? triangle(std::max(p, i)) + std::min(p, i) : p * net_.width(l) + i;
    return from.c(k, l) + column * stride;
  }
  // The derivative of a_{k-1}[q] by z_l[i]; where it is that of the unit itself, of no other.
  const T* j_of(const RowCurvature<T>& from, Index k, Index l, Index q, Index i) const {
    if (k == l + 1) return from.state[l].slope + i * stride;
    return from.j(k - 1, l) + (i * net_.width(k - 1) + q) * stride;
  }

  // The sums of a tile to where they stand below the diagonal of h, of a block on the diagonal one
  // of each pair of pairs; or among the derivatives of statistics.
  void hand_over(const HessianTile& tile, const T* sums) {
    const bool of_statistics = tile.kind == HessianTile::statistics;
    double* h = of_statistics ? statistics_.data() : h_.data();
    const Index next = of_statistics ? statistics_.outerStride() : h_.outerStride();
    for (Index at = 0; at < tile.n_made; at += columns_at_once) {
      const Index count = std::min(columns_at_once, tile.n_made - at);
      Place made[columns_at_once];
      for (Index m = 0; m < count; ++m) made[m] = place_of_made(tile, tile.made + at + m);
      for (Index i = 0; i < tile.n_held; ++i) {
        const Place held = place_of_held(tile, tile.held + i);
        for (Index m = 0; m < count; ++m, ++sums) {
          const Index row = held.row + made[m].row, col = held.col + made[m].col;
          if (of_statistics || row >= col) h[row + col * next] += static_cast<double>(*sums);
        }
      }
    }
  }
  // Where a sum stands is that of what was held plus that of what was made.
  struct Place {
    Index row, col;
  };
  Place place_of_held(const HessianTile& tile, Index held) const {
    if (tile.kind == HessianTile::own) return {row_of(held), held - triangle(row_of(held))};
    return {0, net_.layer(tile.l).weights + held * net_.width(tile.l)};
  }
  Place place_of_made(const HessianTile& tile, Index made) const {
    if (tile.kind == HessianTile::own) {
      const Index width = net_.width(tile.l), begin = net_.layer(tile.k).weights;
      const Index j = row_of(made), q = made - triangle(j);
      return {begin + j * width, begin + q * width};
    }
    const auto [p, i, q] = made_of(tile, made);
    const Index begin = tile.kind == HessianTile::statistics
                            ? first_statistic_[static_cast<std::size_t>(tile.k)]
                            : net_.layer(tile.k).weights;
    return {begin + q * net_.width(tile.k) + p, i};
  }

  const Network& network_;
  const Architecture& net_;
  const MatrixView<T>& rows_;
  const VectorOf<T>& x_;
  const std::vector<NormNumbers<T>>& norms_;
  bool gauss_newton_;
  MatrixRef h_;
  Matrix& statistics_;
  std::vector<Index> first_statistic_;  // by layer, its row in them
  std::vector<HessianTile> tiles_;
  std::vector<RowCurvature<T>> parts_;  // by sample, then by block
  Index next_ = 0;                      // bytes from one part to the next
  Index blocks_ = 0, samples_ = 0;
};

// The rest of the blocks on the diagonal: (q, p; j, i) and (q, i; j, p) are the same.
void complete(const Architecture& net, MatrixRef h) {
  for (Index l = 1; l <= net.depth(); ++l) {
    if (net.layer(l).norm) continue;
    const Index at = net.layer(l).weights, width = net.width(l), inputs = net.layer(l).fed();
    parallel_for(inputs, [&](Index q) {
      for (Index p = 0; p < width; ++p)
        for (Index j = q + 1; j < inputs; ++j)
          for (Index i = 0; i < p; ++i)
            h(at + j * width + i, at + q * width + p) = h(at + j * width + p, at + q * width + i);
    });
  }
  mirror_lower(h);
}

// Where statistics are of the rows: with them held, and then what they add.
template <Real T>
void add_with_statistics(const Network& network, const MatrixView<T>& rows, const VectorOf<T>& x,
                         bool gauss_newton, MatrixRef h) {
  const Architecture& net = network.architecture();
  Sweeps<T> sweeps(net, network.loss(), {.reverse = !gauss_newton});
  with_swept_rows(network, rows, [&](const SweptRows<T>& swept) {
    sweeps.evaluate(swept, network.masks(), 0, x.data(), nullptr);
  });
  // Samples are looked at alone: a share for each of what they have in common.
  std::vector<NormNumbers<T>> norms = sweeps.norms();
  const auto samples = static_cast<double>(network.masks().samples);
  for (const Index l : net.barriers())
    if (l <= net.first_masked()) {
      norms[static_cast<std::size_t>(l)].shift /= static_cast<T>(samples);
      norms[static_cast<std::size_t>(l)].tilt /= static_cast<T>(samples);
    }
  Matrix statistics;
  WholeHessian<T>(network, rows, x, norms, gauss_newton, h, statistics).add_all();
  complete(net, h);
  eliminate(net, x.template cast<double>(), samples, sweeps, gauss_newton, statistics, h);
}

}  // namespace

void whole_hessian(const Network& network, ConstVectorRef x, bool gauss_newton, MatrixRef h) {
  h.setZero();
  const Architecture& net = network.architecture();
  std::visit(
      [&]<Real T>(const MatrixView<T>& rows) {
        const VectorOf<T> at = x.cast<T>();
        if (!net.barriers().empty())
          return add_with_statistics<T>(network, rows, at, gauss_newton, h);
        Matrix none;
        const auto norms = norm_numbers(net, at.data());
        WholeHessian<T>(network, rows, at, norms, gauss_newton, h, none).add_all();
        complete(net, h);
      },
      network.data().x().view());
  for (Index l = 1; l <= net.depth(); ++l) {
    const Index begin = net.layer(l).weights, size = net.layer(l).biases - begin;
    h.diagonal().segment(begin, size).array() += network.l2()[l - 1];
  }
}

// By counts of multiplications. Those of an evaluation are slower, and an activation takes the time
// of many: 27 and 77 evaluations were measured where this says 26 and 83 (16-16-1 and 20-30-5).
double whole_hessian_cost(const Network& network) {
  constexpr double slow = 1.2, activation = 20, norm = 30;
  const Architecture& net = network.architecture();
  const auto samples = static_cast<double>(network.masks().samples);
  double whole = 0, evaluation = 0;
  for (Index l = 1; l <= net.depth(); ++l) {
    const Layer& layer = net.layer(l);
    const auto width = static_cast<double>(layer.units), fed = static_cast<double>(layer.fed());
    const double times = l <= net.first_masked() ? 1 : samples, size = fed * width;
    if (layer.norm) {
      evaluation += times * norm * width;
      whole += times * 2 * width * width;
    } else {
      const auto inputs = static_cast<double>(layer.inputs);
      evaluation += times * ((l == 1 ? 2 : 3) * slow * inputs * width);
      whole += times * fed * (fed + 1) * width * (width + 1) / 4;
    }
    evaluation += times * activation * width;
    for (Index k = l + 1; k <= net.depth(); ++k) {
      const auto above = static_cast<double>(net.layer(k).fed() * net.width(k));
      whole += above * (times * size + samples * slow * width);
    }
  }
  return whole / evaluation;
}

}  // namespace hessopt
