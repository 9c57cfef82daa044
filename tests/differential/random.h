// A small generator of random numbers whose sequence is the same on every machine and library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace tenantlint::differential {

// splitmix64: any seed is a good one, so cases can be seeded by their number.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  // 0 … n - 1; n > 0.
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }
  template <typename T>
  T pick(std::initializer_list<T> items) {
    return *(items.begin() + below(static_cast<int>(items.size())));
  }
  // An index, each as likely as its weight says.
  int weighted(std::initializer_list<int> weights) {
    int sum = 0;
    for (const int w : weights) sum += w;
    int left = below(sum);
    int index = 0;
    for (const int w : weights) {
      if (left < w) return index;
      left -= w;
      ++index;
    }
    return 0;
  }

 private:
  std::uint64_t state_;
};

// A seed of its own for part `part` of what `seed` stands for.
inline std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t part) {
  return Random(seed * 0x2545F4914F6CDD1DULL + part).next();
}

}  // namespace tenantlint::differential
