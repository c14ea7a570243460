// Where a level is chosen when the program runs: none is in use until then.
#include "hessopt/kernels/table.hpp"

namespace hessopt::kernels {

constinit const Table* in_use = nullptr;

}  // namespace hessopt::kernels
