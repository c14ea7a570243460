// Where the kernels are linked in, as into a C++ program: of one level, in use from the start.
#include "hessopt/kernels/table.hpp"

namespace hessopt::kernels {

extern const Table table;
constinit const Table* in_use = &table;

}  // namespace hessopt::kernels
