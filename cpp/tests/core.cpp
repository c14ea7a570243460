#include <sys/wait.h>
#include <unistd.h>

#include "hessopt/core/archive.hpp"
#include "hessopt/core/blocks.hpp"
#include "hessopt/core/error.hpp"
#include "witness.hpp"

using namespace hessopt;
using namespace hessopt::tests;

TEST_CASE("an error names the argument, what came and what is wanted") {
  CHECK_THROWS_WITH_AS(require_size("w", 3, 5), "w: got length 3; want length 5", ArgumentError);
  CHECK_NOTHROW(require(true, "x", "", ""));
}

TEST_CASE("a cut covers everything once") {
  for (const Index total : {0, 1, 7, 8, 9, 1000})
    for (const Index step : {1, 3, 8}) {
      const Cut cut{total, step};
      Index next = 0;
      for (Index i = 0; i < cut.count(); ++i) {
        CHECK(cut.begin(i) == next);
        CHECK(cut.size(i) >= 1);
        next += cut.size(i);
      }
      CHECK(next == total);
    }
}

TEST_CASE("a row block is the memory itself where it can be, else a packed copy") {
  const RowMatrix m = random_matrix(100, 37, 1);
  RowMatrix buffer;
  const auto view = view_of(m);
  CHECK(row_block(view, 10, 20, buffer).data() == m.row(10).data());
  CHECK(buffer.size() == 0);

  const Matrix columns = m;
  const MatrixView<double> fortran{columns.data(), 100, 37, 1, 100};
  const MatrixView<double> reversed{m.data() + 99 * 37, 100, 37, -37, 1};
  CHECK(RowMatrix(row_block(fortran, 10, 20, buffer)) == m.middleRows(10, 20));
  CHECK(RowMatrix(row_block(reversed, 0, 5, buffer)) == m.bottomRows(5).colwise().reverse());
  CHECK(RowMatrix(row_block(MatrixView<double>{m.data(), 8, 37, 0, 1}, 3, 5, buffer)) ==
        m.row(0).replicate(5, 1));
}

TEST_CASE("exceptions leave a team") {
  const auto fail = [](Index i) {
    if (i == 5) throw std::runtime_error("five");
  };
  CHECK_THROWS_WITH(parallel_for(50, fail), "five");
  CHECK_THROWS_WITH(
      ordered_reduce(50, [] { return 0; }, [&](int&, Index i) { fail(i); }, [](int&) {}), "five");
  CHECK_THROWS_WITH(
      ordered_reduce(
          50, []() -> int { throw std::runtime_error("make"); }, [](int&, Index) {}, [](int&) {}),
      "make");
}

TEST_CASE("a reduction adds in the order of the tasks") {
  check_same_bits_for_any_team([] {
    double sum = 0;
    ordered_reduce(
        1000, [] { return 0.0; },
        [](double& p, Index i) { p += 1.0 / static_cast<double>(3 * i + 1); },
        [&](double& p) {
          sum += p;
          p = 0;
        });
    return sum;
  });
}

TEST_CASE("nested calls use one thread") {
  parallel_for(4, [](Index) { CHECK(max_threads() == 1); });
  CHECK(team_size(0) == 1);
}

TEST_CASE("a forked child runs on one thread instead of hanging") {
  parallel_for(8, [](Index) {});
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    Index sum = 0;
    ordered_reduce(
        8, [] { return Index{0}; }, [](Index& p, Index i) { p = i; }, [&](Index& p) { sum += p; });
    _exit(sum == 28 && max_threads() == 1 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

enum class Colour : std::int32_t { red, blue };
bool is_enumerator(Colour c) { return c == Colour::red || c == Colour::blue; }

struct Sample {
  static std::string kind() { return "Sample"; }
  double number = 0;
  Matrix matrix;
  bool flag = false;
  Index count = 0;
  Colour colour = Colour::red;
  std::vector<Index> list;

  template <class A>
  void fields(A& archive) {
    archive(number, matrix, flag, count, colour, list);
  }
  bool valid() const { return is_count(count); }
};

const std::size_t head = std::string("hessopt.Sample\n").size(), body = head + 4 + 8;

// The bytes with `value` in the place of those from `at` on, and the checksum that belongs to them.
template <class V>
std::string forged(std::string bytes, std::size_t at, V value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
  const std::uint64_t sum = checksum(std::string_view(bytes).substr(body));
  std::memcpy(bytes.data() + head + 4, &sum, sizeof(sum));
  return bytes;
}

TEST_CASE("a state is read back as it was, or refused") {
  const Sample sample{0.1, random_matrix(3, 4, 2), true, 7, Colour::blue, {1, 2}};
  const std::string bytes = save(sample);
  Sample copy;
  load(copy, bytes);
  CHECK(copy.number == 0.1);
  CHECK(copy.matrix == sample.matrix);
  CHECK(copy.flag);
  CHECK(copy.count == 7);
  CHECK(copy.colour == Colour::blue);
  CHECK(copy.list == sample.list);

  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_THROWS_AS(load(copy, std::string_view(bytes).substr(0, size)), std::invalid_argument);
  CHECK_THROWS_AS(load(copy, bytes + "x"), std::invalid_argument);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1 << i % 8);
    CHECK_THROWS_AS(load(copy, changed), std::invalid_argument);
  }
  std::string newer = bytes;
  newer[head] = static_cast<char>(state_version + 1);
  const std::string want = "saved state: version " + std::to_string(state_version + 1) +
                           ", this build reads " + std::to_string(state_version);
  CHECK_THROWS_WITH(load(copy, newer), want.c_str());
}

TEST_CASE("a state that was made up is refused, its checksum notwithstanding") {
  const Sample sample{0.1, random_matrix(3, 4, 2), true, 7, Colour::blue, {1, 2}};
  const std::string bytes = save(sample);
  Sample copy;
  load(copy, forged(bytes, body, 0.5));
  CHECK(copy.number == 0.5);
  const std::size_t shape = body + 8, flag = shape + 16 + 12 * 8, count = flag + 1;
  // Lengths that are absurd are refused before anything is allocated.
  for (const Index absurd : {Index{-1}, Index{1} << 40, Index{1} << 62, Index{7}}) {
    CHECK_THROWS_AS(load(copy, forged(bytes, shape, absurd)), std::invalid_argument);
    CHECK_THROWS_AS(load(copy, forged(bytes, shape + 8, absurd)), std::invalid_argument);
    CHECK_THROWS_AS(load(copy, forged(bytes, count + 12, absurd)), std::invalid_argument);
  }
  const auto message = [&](const std::string& text) {
    try {
      load(copy, text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message(forged(bytes, flag, char{2})) ==
        "saved state: a flag that is neither true nor false");
  CHECK(message(forged(bytes, count, Index{-7})) ==
        "saved state: counts or shapes that do not fit together");
  CHECK(message(forged(bytes, count + 8, std::int32_t{2})) ==
        "saved state: a value of no enumerator");
  CHECK(copy.number == 0.5);  // what is refused leaves no trace
}
