#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace tickerflow::sim {

/// Scrambles 64 bits; neighbours come out unrelated.
///
/// Source  splitmix64, Steele, Lea, Flood, OOPSLA 2014.
constexpr std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A random number that is a function of its place: no state to keep.
template <class... Ts>
constexpr std::uint64_t random_at(std::uint64_t seed, Ts... place) {
  ((seed = scramble(seed ^ static_cast<std::uint64_t>(place))), ...);
  return seed;
}

/// FNV-1a: the same on every machine, unlike std::hash.
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t result = 0xcbf29ce484222325;
  for (auto c : text)
    result = (result ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return result;
}

/// @returns a number in (0, 1)
constexpr double uniform(std::uint64_t random) {
  return (static_cast<double>(random >> 11) + 0.5) * 0x1p-53;
}

/// @returns a standard normal number (Box-Muller)
inline double normal(std::uint64_t random) {
  constexpr double full_turn = 6.283185307179586;
  return std::sqrt(-2 * std::log(uniform(random)))
         * std::cos(full_turn * uniform(scramble(random)));
}

/// A sequence of random numbers, for what is made in one go.
class random_sequence {
public:
  explicit random_sequence(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() { return state_ = scramble(state_); }
  double next_uniform() { return uniform(next()); }
  double next_normal() { return normal(next()); }

private:
  std::uint64_t state_;
};

} // namespace tickerflow::sim
