// Errors that name the argument, what came and what is wanted.
#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>

namespace hessopt {

class ArgumentError : public std::invalid_argument {
 public:
  ArgumentError(const std::string& argument, const std::string& got, const std::string& wanted)
      : std::invalid_argument(argument + ": got " + got + "; want " + wanted) {}
};

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
