// State <-> bytes. A state lists its fields once, in `template <class A> void fields(A& archive)`,
// and is written and read by that one list; `bool valid() const` says whether counts and shapes
// that were read fit together. The first bytes name the kind of state, the version of its list and
// a checksum of the rest: what is foreign, damaged or made up is refused, and never half read.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "hessopt/core/types.hpp"

namespace hessopt {

// Of the lists of fields of all states: raised where one of them changes.
inline constexpr std::uint32_t state_version = 13;

// A count, or an index, that may be raised without an overflow.
inline bool is_count(Index value) { return value >= 0 && value < Index{1} << 62; }
// Numbers that may be absent.
template <class V>
bool is_size_or_empty(const V& v, Index size) {
  return v.size() == 0 || v.size() == size;
}

inline void require_saved(bool holds, const char* got) {
  if (!holds) throw std::invalid_argument(std::string("saved state: ") + got);
}

// Each step can be undone, whatever the word: no change of one word goes unseen.
inline std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = bytes.size() < sizeof(word) ? bytes.size() : sizeof(word);
    std::memcpy(&word, bytes.data(), size);
    bytes.remove_prefix(size);
    sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
    sum ^= sum >> 32;
  }
  return sum;
}

class Writer {
 public:
  template <class... Fields>
  void operator()(Fields&... fields) {
    (write(fields), ...);
  }
  std::string take() { return std::move(bytes_); }

 private:
  void raw(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
  }
  template <class T>
  void write(T& field) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      raw(&field, sizeof(T));
    } else if constexpr (requires { field.fields(*this); }) {
      field.fields(*this);
    } else if constexpr (requires { field.push_back(field[0]); }) {  // std::vector
      const Index size = static_cast<Index>(field.size());
      raw(&size, sizeof(size));
      for (auto& item : field) write(item);
    } else {  // an Eigen matrix
      const Index shape[2] = {field.rows(), field.cols()};
      raw(shape, sizeof(shape));
      raw(field.data(), sizeof(typename T::Scalar) * static_cast<std::size_t>(field.size()));
    }
  }
  std::string bytes_;
};

// An enumeration says what its values are by `is_enumerator`, a function beside it.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class... Fields>
  void operator()(Fields&... fields) {
    (read(fields), ...);
  }
  bool at_end() const { return rest_.empty(); }

 private:
  void raw(void* data, std::size_t size) {
    require_saved(size <= rest_.size(), "truncated");
    if (size == 0) return;  // an empty matrix has no address to copy to
    std::memcpy(data, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  template <class T>
  void read(T& field) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte;
      raw(&byte, 1);
      require_saved(byte <= 1, "a flag that is neither true nor false");
      field = byte == 1;
    } else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> value;
      raw(&value, sizeof(value));
      field = static_cast<T>(value);
      require_saved(is_enumerator(field), "a value of no enumerator");
    } else if constexpr (std::is_arithmetic_v<T>) {
      raw(&field, sizeof(T));
    } else if constexpr (requires { field.fields(*this); }) {
      field.fields(*this);
    } else if constexpr (requires { field.push_back(field[0]); }) {
      Index size;
      raw(&size, sizeof(size));
      require_saved(size >= 0, "a count below 0");
      field.clear();
      for (Index i = 0; i < size; ++i) read(field.emplace_back());  // throws where bytes run out
    } else {
      Index shape[2];
      raw(shape, sizeof(shape));
      constexpr Index rows = T::RowsAtCompileTime, cols = T::ColsAtCompileTime;
      require_saved(shape[0] >= 0 && shape[1] >= 0 &&
                        (rows == Eigen::Dynamic || shape[0] == rows) &&
                        (cols == Eigen::Dynamic || shape[1] == cols),
                    "a shape that cannot be");
      // Each side is held against the bytes left before anything is multiplied or allocated.
      const Index left = static_cast<Index>(rest_.size() / sizeof(typename T::Scalar));
      require_saved(shape[1] == 0 || shape[0] <= left / shape[1], "truncated");
      field.resize(shape[0], shape[1]);
      raw(field.data(), sizeof(typename T::Scalar) * static_cast<std::size_t>(field.size()));
    }
  }
  std::string_view rest_;
};

// State has: static std::string kind(); fields; valid.
template <class State>
std::string save(const State& state) {
  Writer body, head;
  const_cast<State&>(state).fields(body);  // a writer only reads
  const std::string rest = body.take();
  std::uint32_t version = state_version;
  std::uint64_t sum = checksum(rest);
  head(version, sum);
  return "hessopt." + State::kind() + "\n" + head.take() + rest;
}

template <class State>
bool is_saved(std::string_view bytes) {
  return bytes.starts_with("hessopt." + State::kind() + "\n");
}

template <class State>
void load(State& state, std::string_view bytes) {
  const std::string magic = "hessopt." + State::kind() + "\n";
  if (!is_saved<State>(bytes))
    throw std::invalid_argument("saved state: not a saved hessopt " + State::kind());
  bytes.remove_prefix(magic.size());
  std::uint32_t version = 0;
  std::uint64_t sum = 0;
  Reader head(bytes);
  head(version, sum);
  if (version != state_version)
    throw std::invalid_argument("saved state: version " + std::to_string(version) +
                                ", this build reads " + std::to_string(state_version));
  bytes.remove_prefix(sizeof(version) + sizeof(sum));
  require_saved(checksum(bytes) == sum, "truncated or damaged, as its checksum tells");
  State read;
  Reader reader(bytes);
  read.fields(reader);
  require_saved(reader.at_end(), "bytes left over");
  require_saved(read.valid(), "counts or shapes that do not fit together");
  state = std::move(read);
}

}  // namespace hessopt
