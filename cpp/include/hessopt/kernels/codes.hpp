// Columns of zeros and ones that are known by codes: of a categorical variable, a column per level.
#pragma once

#include <cstdint>

#include "hessopt/kernels/types.hpp"

namespace hessopt::kernels {

// A variable. A code that is no level, levels or more, is that of a row of zeros.
struct Codes {
  const void* data;  // numbers without a sign, of `bytes` bytes each
  Index bytes;       // 1, 2 or 4
  Index stride;      // numbers from one row's to the next's
  Index levels;
  Index at;       // the column of the first level
  bool complete;  // every row has a level
};

// Rows that the kernels below are given at most.
inline constexpr Index most_code_rows = 512;

// The sums of the pairs of levels of a variable and those before it: for each level, and for no
// level, a row of `stride` numbers, the sums over its rows of w_i for each level of each variable
// before, and of w_i. Variable k begins at at[k], the last sum is at at[variable]. No level counts
// as one more.
struct PairTable {
  double* data;
  Index stride;
  const Index* at;
};

struct CodeKernels {
  // out_i += the sum of w[at + code] of row begin + i, over variables
  void (*add_products)(const Codes* variables, Index count, Index begin, Index rows,
                       const double* w, double* out) noexcept;
  // g[at + code] += r_i
  void (*add_transposed)(const Codes* variables, Index count, Index begin, Index rows,
                         const double* r, double* g) noexcept;
  // Codes of variables 0 .. count, most_code_rows from one variable's to the next's; `levels` where
  // there is no level.
  void (*read)(const Codes* variables, Index count, Index begin, Index rows,
               std::uint32_t* out) noexcept;
  // Adds rows whose codes have been read to the table of `variable`.
  void (*add_pairs)(const std::uint32_t* codes, Index variable, Index rows, const double* w,
                    const PairTable& table) noexcept;
  // Adds rows of `width` numbers, a multiple of 4, to those of their codes.
  void (*add_rows)(const std::uint32_t* codes, Index rows, const double* numbers, Index width,
                   double* sums) noexcept;
};

}  // namespace hessopt::kernels
