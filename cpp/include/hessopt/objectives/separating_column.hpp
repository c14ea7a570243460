// Directions of recession that need no search, because the ranges of the columns show them: an
// intercept alone, where all rows are on one side or a class has none, or one column with a cut
// that no group of rows crosses. Nothing is rounded here.
#pragma once

#include <optional>

#include "hessopt/objectives/inequalities.hpp"

namespace hessopt::detail {

// Intercepts alone, whose columns no data has to be read for.
std::optional<Vector> direction_of_intercepts(const Inequalities& rows);

// One column without a penalty, in units of the standardised ones.
std::optional<Vector> direction_of_ranges(const Inequalities& rows);

}  // namespace hessopt::detail
