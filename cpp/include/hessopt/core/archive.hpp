// State <-> bytes. A state lists its fields once, in `template <class A> void fields(A& archive)`,
// and is written and read by that one list. The first bytes name the kind of state and the version
// of its list, so that a foreign or truncated text is refused and never half read.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "hessopt/core/types.hpp"

namespace hessopt {

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
    if (size > rest_.size()) throw std::invalid_argument("saved state: truncated");
    if (size == 0) return;  // an empty matrix has no address to copy to
    std::memcpy(data, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  template <class T>
  void read(T& field) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      raw(&field, sizeof(T));
    } else if constexpr (requires { field.fields(*this); }) {
      field.fields(*this);
    } else if constexpr (requires { field.push_back(field[0]); }) {
      Index size;
      raw(&size, sizeof(size));
      field.clear();
      for (Index i = 0; i < size; ++i) read(field.emplace_back());  // throws where bytes run out
    } else {
      Index shape[2];
      raw(shape, sizeof(shape));
      // Each side is held against the bytes left before anything is multiplied or allocated.
      const Index left = static_cast<Index>(rest_.size() / sizeof(typename T::Scalar));
      if (shape[0] < 0 || shape[1] < 0 || (shape[1] > 0 && shape[0] > left / shape[1]))
        throw std::invalid_argument("saved state: truncated");
      field.resize(shape[0], shape[1]);
      raw(field.data(), sizeof(typename T::Scalar) * static_cast<std::size_t>(field.size()));
    }
  }
  std::string_view rest_;
};

// State has: static std::string kind(); static constexpr std::uint32_t version.
template <class State>
std::string save(const State& state) {
  Writer head;
  std::uint32_t version = State::version;
  head(version);
  Writer body;
  const_cast<State&>(state).fields(body);  // a writer only reads
  return "hessopt." + State::kind() + "\n" + head.take() + body.take();
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
  Reader reader(bytes.substr(magic.size()));
  std::uint32_t version = 0;
  reader(version);
  if (version != State::version)
    throw std::invalid_argument("saved state: version " + std::to_string(version) +
                                ", this build reads " + std::to_string(State::version));
  state.fields(reader);
  if (!reader.at_end()) throw std::invalid_argument("saved state: bytes left over");
}

}  // namespace hessopt
