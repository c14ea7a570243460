// Who is at risk when an event comes: of survival times with strata and late entries, sums over the
// risk set of every event time, and over the events of every row, in time about n.
//
// Without late entries a risk set is the later one and the rows between them: sums are cumulated
// from the last event time back. With late entries a row is at risk for a run of event times, and a
// binary tree over these holds it at a few nodes, the fewest that make up the run; a sum is one
// over the nodes from the root to a leaf. Both are a forest of nodes with rows, whose sums are
// those of their parent and what they add. Nothing is ever subtracted: what remains of a sum of
// large terms after most have left has all its digits.
//
// Shares e^eta are counted from the largest predictor of their sum, which is the node's own: no
// range of predictors over- or underflows.
//
// D. R. Cox, "Regression models and life-tables", J. R. Statist. Soc. B 34 (1972). Ties: N.
// Breslow, "Covariance analysis of censored survival data", Biometrics 30 (1974); B. Efron, "The
// efficiency of Cox's likelihood function for censored data", J. Amer. Statist. Assoc. 72 (1977).
#pragma once

#include <vector>

#include "hessopt/core/types.hpp"

namespace hessopt {

enum class Ties { breslow, efron };

// Of each row. A row is at risk at the times in (entry, time] of its stratum.
struct Survival {
  Array time;
  Array entry = {};                 // empty: at risk from the first
  std::vector<bool> event;          // whether `time` is that of an event
  std::vector<Index> stratum = {};  // 0, 1, ...; empty: one
  Array weight = {};                // >= 0, as given; empty: 1

  Survival every(Index step) const;
};

class RiskSets {
 public:
  // Rows that weigh nothing are in none.
  RiskSets(const Survival& rows, Ties ties);

  // The rows from `begin` to `end` of the list of all rows are added to those of the parent, those
  // from `tied` on events at one time; where there are any, the node is a risk set.
  struct Node {
    Index parent = -1;
    Index begin = 0, tied = 0, end = 0;
    bool has_children_apart = false;  // of which the second does not follow it

    bool is_risk_set() const { return tied < end; }
  };
  // Parents before their children.
  const std::vector<Node>& nodes() const { return nodes_; }
  Index row(Index listed) const { return rows_[static_cast<std::size_t>(listed)]; }
  // Nodes that are risk sets, by stratum and then by time.
  const std::vector<Index>& risk_sets() const { return risk_sets_; }

  // What predictors make of a risk set: terms c log(S - (1 - a) U) of the likelihood, S the sum of
  // the shares at risk, U that of the tied events, a = 1 for Breslow's form and 1, 1 - 1/d, ... for
  // Efron's, c the weight of the events in each.
  struct Terms {
    double c = 0;
    Index count = 0;
    double rest = 0, tied = 0;  // S - U, U

    double a(Index l) const { return 1 - static_cast<double>(l) / static_cast<double>(count); }
    double inverse(Index l) const { return 1 / (rest + a(l) * tied); }
    // One event alone, whose sums need no difference.
    bool is_single = false;
  };
  struct Point {
    Array top;                 // of each node, the largest predictor there
    Array share;               // of each listed row, weight e^(eta - top)
    std::vector<Terms> terms;  // of each node
  };
  Point at(const Array& eta) const;
  // Minus the log of the partial likelihood.
  double value(const Point& point, const Array& eta) const;
  // Of every row, its derivative in the predictor.
  Array slopes(const Point& point) const;
  // H z of the Hessian H in the predictors, and its part that is diagonal.
  Array product(const Point& point, const Array& diagonal, const Array& z) const;
  Array diagonal(const Point& point) const;

  // What a sum counted from the parent's top is multiplied by at the node.
  double factor(const Point& point, Index node) const;
  double weight(Index row) const { return weight_[row]; }
  Ties ties() const { return ties_; }

 private:
  struct Sums {
    Array rest, tied;
  };
  Sums sums(const Point& point, const Array* z) const;
  // Of every row, its shares times what the risk sets that it is in have of `own`, of `tied`
  // instead where it is an event of one.
  Array spread(const Point& point, const Array& own, const Array& tied) const;

  void list(const Survival& rows);

  Array weight_;
  Ties ties_;
  std::vector<Node> nodes_;
  std::vector<Index> rows_, risk_sets_;
};

}  // namespace hessopt
