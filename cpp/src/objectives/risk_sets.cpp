#include "hessopt/objectives/risk_sets.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hessopt/core/threads.hpp"

namespace hessopt {
namespace {

std::size_t place(Index i) { return static_cast<std::size_t>(i); }

// The event times of a stratum, rising, and its first node.
struct Stratum {
  std::vector<double> times = {};
  bool has_late_entries = false;
  Index first = 0;

  Index count() const { return static_cast<Index>(times.size()); }
  // Event times up to t.
  Index up_to(double t) const {
    return std::upper_bound(times.begin(), times.end(), t) - times.begin();
  }
  Index n_nodes() const { return has_late_entries ? 2 * count() - 1 : count(); }
  // The node that is the risk set of event time k.
  Index risk_set(Index k) const {
    if (!has_late_entries) return first + count() - 1 - k;
    Index node = first;
    for (Index low = 0, high = count(); high - low > 1;) {
      const Index middle = low + (high - low) / 2;
      const bool right = k >= middle;
      node += right ? 2 * (middle - low) : 1;
      (right ? low : high) = middle;
    }
    return node;
  }
};

// Nodes of a binary tree over low .. high, each followed by its left half and then its right one.
void make_tree(std::vector<RiskSets::Node>& nodes, Index node, Index parent, Index low,
               Index high) {
  nodes[place(node)].parent = parent;
  if (high - low == 1) return;
  nodes[place(node)].has_children_apart = true;
  const Index middle = low + (high - low) / 2;
  make_tree(nodes, node + 1, node, low, middle);
  make_tree(nodes, node + 2 * (middle - low), node, middle, high);
}

// visit(node) of the fewest nodes that make up begin .. end.
template <class Visit>
void cover(Index node, Index low, Index high, Index begin, Index end, Visit&& visit) {
  if (begin >= high || end <= low) return;
  if (begin <= low && high <= end) return visit(node);
  const Index middle = low + (high - low) / 2;
  cover(node + 1, low, middle, begin, end, visit);
  cover(node + 2 * (middle - low), middle, high, begin, end, visit);
}

}  // namespace

Survival Survival::every(Index step) const {
  Survival out;
  const auto stride = Eigen::seqN(0, (time.size() + step - 1) / step, step);
  out.time = time(stride);
  if (entry.size() > 0) out.entry = entry(stride);
  if (weight.size() > 0) out.weight = weight(stride);
  for (Index i = 0; i < time.size(); i += step) {
    out.event.push_back(event[place(i)]);
    if (!stratum.empty()) out.stratum.push_back(stratum[place(i)]);
  }
  return out;
}

RiskSets::RiskSets(const Survival& rows, Ties ties)
    : weight_(rows.weight.size() > 0 ? rows.weight : Array(Array::Ones(rows.time.size()))),
      ties_(ties) {
  list(rows);
}

void RiskSets::list(const Survival& rows) {
  const Index n = rows.time.size();
  const auto stratum_of = [&](Index i) {
    return rows.stratum.empty() ? std::size_t{0} : place(rows.stratum[place(i)]);
  };
  std::vector<Stratum> strata(1);
  for (Index i = 0; i < n; ++i) {
    if (stratum_of(i) >= strata.size()) strata.resize(stratum_of(i) + 1);
    if (weight_[i] > 0 && rows.event[place(i)]) strata[stratum_of(i)].times.push_back(rows.time[i]);
  }
  for (Stratum& s : strata) {
    std::ranges::sort(s.times);
    s.times.erase(std::unique(s.times.begin(), s.times.end()), s.times.end());
  }
  for (Index i = 0; i < n && rows.entry.size() > 0; ++i) {
    Stratum& s = strata[stratum_of(i)];
    s.has_late_entries =
        s.has_late_entries || (weight_[i] > 0 && s.up_to(rows.entry[i]) > 0 && s.count() > 0);
  }
  for (Stratum& s : strata) {
    s.first = static_cast<Index>(nodes_.size());
    if (s.count() == 0) continue;
    nodes_.resize(nodes_.size() + place(s.n_nodes()));
    if (s.has_late_entries)
      make_tree(nodes_, s.first, -1, 0, s.count());
    else
      for (Index k = 1; k < s.count(); ++k) nodes_[place(s.first + k)].parent = s.first + k - 1;
    for (Index k = 0; k < s.count(); ++k) risk_sets_.push_back(s.risk_set(k));
  }
  // visit(node, row, is an event there), row by row.
  const auto for_each = [&](auto&& visit) {
    for (Index i = 0; i < n; ++i) {
      const Stratum& s = strata[stratum_of(i)];
      if (weight_[i] == 0 || s.count() == 0) continue;
      const Index begin = rows.entry.size() > 0 ? s.up_to(rows.entry[i]) : 0;
      const Index end = s.up_to(rows.time[i]);
      if (begin >= end) continue;
      const bool is_event = rows.event[place(i)];
      if (s.has_late_entries)
        cover(s.first, 0, s.count(), begin, is_event ? end - 1 : end,
              [&](Index node) { visit(node, i, false); });
      else if (!is_event)
        visit(s.risk_set(end - 1), i, false);
      if (is_event) visit(s.risk_set(end - 1), i, true);
    }
  };
  // Counted, then put in their places.
  for_each([&](Index node, Index, bool is_event) {
    Node& at = nodes_[place(node)];
    ++(is_event ? at.end : at.tied);
  });
  Index total = 0;
  std::vector<Index> next(2 * nodes_.size());
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    Node& at = nodes_[k];
    at.begin = next[2 * k] = total;
    at.tied = next[2 * k + 1] = at.begin + at.tied;
    at.end += at.tied;
    total = at.end;
  }
  rows_.resize(place(total));
  for_each([&](Index node, Index row, bool is_event) {
    rows_[place(next[2 * place(node) + (is_event ? 1 : 0)]++)] = row;
  });
}

double RiskSets::factor(const Point& point, Index node) const {
  const Index parent = nodes_[place(node)].parent;
  if (parent < 0 || point.top[parent] == point.top[node]) return 1;
  return std::exp(point.top[parent] - point.top[node]);
}

RiskSets::Point RiskSets::at(const Array& eta) const {
  const auto count = static_cast<Index>(nodes_.size());
  Point out{Array(count), Array(static_cast<Index>(rows_.size())), {}};
  for (Index k = 0; k < count; ++k) {
    const Node& at = nodes_[place(k)];
    double top = at.parent < 0 ? -std::numeric_limits<double>::infinity() : out.top[at.parent];
    for (Index l = at.begin; l < at.end; ++l) top = std::max(top, eta[row(l)]);
    out.top[k] = top;
  }
  constexpr Index a_task = 1024;  // nodes
  parallel_for((count + a_task - 1) / a_task, [&](Index task) {
    for (Index k = task * a_task; k < std::min(count, (task + 1) * a_task); ++k)
      for (Index l = nodes_[place(k)].begin; l < nodes_[place(k)].end; ++l)
        out.share[l] = weight_[row(l)] * std::exp(eta[row(l)] - out.top[k]);
  });
  const Sums s = sums(out, nullptr);
  out.terms.resize(nodes_.size());
  for (const Index k : risk_sets_) {
    const Node& at = nodes_[place(k)];
    Terms& terms = out.terms[place(k)];
    for (Index l = at.tied; l < at.end; ++l) terms.c += weight_[row(l)];
    terms.is_single = at.end - at.tied == 1;
    terms.count = ties_ == Ties::breslow ? 1 : at.end - at.tied;
    terms.c /= static_cast<double>(terms.count);
    terms.rest = s.rest[k];
    terms.tied = s.tied[k];
  }
  return out;
}

RiskSets::Sums RiskSets::sums(const Point& point, const Array* z) const {
  const auto count = static_cast<Index>(nodes_.size());
  Sums out{Array(count), Array(count)};
  const auto of = [&](Index begin, Index end) {
    double sum = 0;
    for (Index l = begin; l < end; ++l)
      sum += z == nullptr ? point.share[l] : point.share[l] * (*z)[row(l)];
    return sum;
  };
  for (Index k = 0; k < count; ++k) {
    const Node& at = nodes_[place(k)];
    const double above =
        at.parent < 0 ? 0 : factor(point, k) * (out.rest[at.parent] + out.tied[at.parent]);
    out.rest[k] = above + of(at.begin, at.tied);
    out.tied[k] = of(at.tied, at.end);
  }
  return out;
}

double RiskSets::value(const Point& point, const Array& eta) const {
  double sum = 0;
  for (const Index k : risk_sets_) {
    const Node& at = nodes_[place(k)];
    const Terms& terms = point.terms[place(k)];
    const double top = point.top[k];
    if (terms.is_single && terms.rest < terms.tied) {  // log(S / e) near 0, to its last digits
      sum += terms.c * (std::log(terms.c) + std::log1p(terms.rest / terms.tied));
      continue;
    }
    for (Index l = at.tied; l < at.end; ++l) sum += weight_[row(l)] * (top - eta[row(l)]);
    for (Index l = 0; l < terms.count; ++l) sum -= terms.c * std::log(terms.inverse(l));
  }
  return sum;
}

Array RiskSets::spread(const Point& point, const Array& own, const Array& tied) const {
  Array out = Array::Zero(weight_.size());
  Array below = Array::Zero(own.size());
  for (Index k = own.size() - 1; k >= 0; --k) {
    const Node& at = nodes_[place(k)];
    const double all = own[k] + below[k], of_events = tied[k] + below[k];
    for (Index l = at.begin; l < at.tied; ++l) out[row(l)] += point.share[l] * all;
    for (Index l = at.tied; l < at.end; ++l) out[row(l)] += point.share[l] * of_events;
    if (at.parent >= 0) below[at.parent] += factor(point, k) * all;
  }
  return out;
}

Array RiskSets::diagonal(const Point& point) const {
  Array own = Array::Zero(static_cast<Index>(nodes_.size())), tied = own;
  for (const Index k : risk_sets_) {
    const Terms& terms = point.terms[place(k)];
    for (Index l = 0; l < terms.count; ++l) {
      own[k] += terms.c * terms.inverse(l);
      tied[k] += terms.c * terms.a(l) * terms.inverse(l);
    }
  }
  return spread(point, own, tied);
}

Array RiskSets::slopes(const Point& point) const {
  Array own = Array::Zero(static_cast<Index>(nodes_.size())), tied = own;
  for (const Index k : risk_sets_) {
    const Terms& terms = point.terms[place(k)];
    for (Index l = 0; l < terms.count; ++l) {
      own[k] += terms.c * terms.inverse(l);
      if (!terms.is_single) tied[k] += terms.c * terms.a(l) * terms.inverse(l);
    }
  }
  Array out = spread(point, own, tied);
  for (const Index k : risk_sets_) {
    const Node& at = nodes_[place(k)];
    const Terms& terms = point.terms[place(k)];
    for (Index l = at.tied; l < at.end; ++l)  // e / S - 1 of one event alone is -(S - e) / S
      out[row(l)] -= weight_[row(l)] * (terms.is_single ? terms.rest * terms.inverse(0) : 1.0);
  }
  return out;
}

Array RiskSets::product(const Point& point, const Array& diagonal, const Array& z) const {
  const Sums s = sums(point, &z);
  Array own = Array::Zero(static_cast<Index>(nodes_.size())), tied = own;
  for (const Index k : risk_sets_) {
    const Terms& terms = point.terms[place(k)];
    for (Index l = 0; l < terms.count; ++l) {
      const double inverse = terms.inverse(l), a = terms.a(l);
      const double mean = (s.rest[k] + a * s.tied[k]) * inverse;
      own[k] += terms.c * inverse * mean;
      tied[k] += terms.c * a * inverse * mean;
    }
  }
  return diagonal * z - spread(point, own, tied);
}

}  // namespace hessopt
