// Errors that name the argument, what came and what is wanted.
#pragma once

#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace hessopt {

class ArgumentError : public std::invalid_argument {
 public:
  ArgumentError(const std::string& argument, const std::string& got, const std::string& wanted)
      : std::invalid_argument(argument + ": got " + got + "; want " + wanted) {}
};

// A std::bad_alloc that says what was asked for.
class OutOfMemory : public std::bad_alloc {
 public:
  OutOfMemory(const std::string& what, std::ptrdiff_t rows, std::ptrdiff_t cols, std::size_t size) {
    char bytes[64];
    std::snprintf(
        bytes, sizeof bytes, "%.0f",
        static_cast<double>(rows) * static_cast<double>(cols) * static_cast<double>(size));
    message_ = what + ": no memory for " + std::to_string(rows) + " x " + std::to_string(cols) +
               " numbers, " + bytes + " bytes";
  }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

// f(), whose need of memory is that of a matrix of rows x cols numbers of `size` bytes.
template <class F>
decltype(auto) naming_memory(const char* what, std::ptrdiff_t rows, std::ptrdiff_t cols,
                             std::size_t size, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const OutOfMemory&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw OutOfMemory(what, rows, cols, size);
  }
}

// A number as an error shows it.
inline std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", value);
  return buffer;
}

inline void require(bool holds, const char* argument, const std::string& got, const char* wanted) {
  if (!holds) throw ArgumentError(argument, got, wanted);
}

inline void require_size(const char* argument, std::ptrdiff_t got, std::ptrdiff_t wanted) {
  if (got != wanted)
    throw ArgumentError(argument, "length " + std::to_string(got),
                        "length " + std::to_string(wanted));
}

}  // namespace hessopt
