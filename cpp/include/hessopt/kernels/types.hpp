// Sizes, and how a kernel that takes long is abandoned.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hessopt::kernels {

using Index = std::ptrdiff_t;

enum class Outcome : int { done, abandoned, no_memory };

// Asked now and then by a kernel that takes milliseconds; true: the caller has lost interest.
using Poll = bool (*)() noexcept;

}  // namespace hessopt::kernels
