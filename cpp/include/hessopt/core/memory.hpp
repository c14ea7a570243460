// Memory that there is not: an error that says what for and how many bytes, before any work.
#pragma once

#if defined(__linux__)
#include <sys/sysinfo.h>
#endif

#include <cstddef>
#include <cstdio>
#include <limits>
#include <new>
#include <string>
#include <utility>

namespace hessopt {

// A std::bad_alloc that says what was asked for.
class OutOfMemory : public std::bad_alloc {
 public:
  OutOfMemory(const std::string& what, std::ptrdiff_t rows, std::ptrdiff_t cols, double bytes) {
    char text[64];
    std::snprintf(text, sizeof text, "%.0f", bytes);
    message_ = what + ": no memory for " + std::to_string(rows) + " x " + std::to_string(cols) +
               " numbers, " + text + " bytes";
  }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

// All that this machine has, where it tells.
inline double machine_memory() {
#if defined(__linux__)
  struct sysinfo info;
  if (::sysinfo(&info) == 0)
    return static_cast<double>(info.mem_unit) *
           (static_cast<double>(info.totalram) + static_cast<double>(info.totalswap));
#endif
  return static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max());
}

// Room for a matrix of rows x cols numbers, `size` bytes each: what is large is asked for and given
// back untouched, which costs nothing, and is refused where a limit rules it out.
inline void require_memory(const std::string& what, std::ptrdiff_t rows, std::ptrdiff_t cols,
                           std::size_t size) {
  const double bytes =
      static_cast<double>(rows) * static_cast<double>(cols) * static_cast<double>(size);
  if (bytes < 0x1p24) return;
  if (bytes < machine_memory()) {
    void* room = ::operator new(static_cast<std::size_t>(bytes), std::nothrow);
    ::operator delete(room);
    if (room != nullptr) return;
  }
  throw OutOfMemory(what, rows, cols, bytes);
}

// f(), whose need of memory is that of such a matrix.
template <class F>
decltype(auto) naming_memory(const std::string& what, std::ptrdiff_t rows, std::ptrdiff_t cols,
                             std::size_t size, F&& f) {
  require_memory(what, rows, cols, size);
  try {
    return std::forward<F>(f)();
  } catch (const OutOfMemory&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw OutOfMemory(
        what, rows, cols,
        static_cast<double>(rows) * static_cast<double>(cols) * static_cast<double>(size));
  }
}

}  // namespace hessopt
