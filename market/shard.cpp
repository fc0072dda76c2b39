#include "market/shard.hpp"

#include <cassert>

namespace tickerflow {

std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t m = 0x5bd1e995;
  constexpr int r = 24;
  auto byte = [key](size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i]));
  };
  auto length = key.size();
  auto h = std::uint32_t{0x9747b28c} ^ static_cast<std::uint32_t>(length);
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    auto k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= m;
    k ^= k >> r;
    k *= m;
    h *= m;
    h ^= k;
  }
  switch (length - i) {
    case 3: h ^= byte(i + 2) << 16; [[fallthrough]];
    case 2: h ^= byte(i + 1) << 8; [[fallthrough]];
    case 1: h ^= byte(i); h *= m;
  }
  h ^= h >> 13;
  h *= m;
  h ^= h >> 15;
  return h;
}

std::int32_t shard_of(std::string_view symbol, std::int32_t shards) {
  assert(shards > 0);
  return static_cast<std::int32_t>(murmur2(symbol) & 0x7fffffff) % shards;
}

} // namespace tickerflow
