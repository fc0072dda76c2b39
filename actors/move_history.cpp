#include "actors/move_history.hpp"

#include <utility>

namespace tickerflow {

namespace {

template <class T>
void keep(std::vector<T>& list, T x) {
  if (list.size() == move_history::kept)
    list.erase(list.begin());
  list.push_back(std::move(x));
}

} // namespace

void move_history::assigned(std::int32_t shard, const std::string& to,
                            std::int64_t epoch, std::string reason,
                            std::int64_t at_ms) {
  auto from = std::exchange(owners_[static_cast<size_t>(shard)], to);
  keep(moves_, {at_ms, shard, std::move(from), to, epoch, std::move(reason)});
}

void move_history::owned(std::int32_t shard, const std::string& by,
                         std::int64_t epoch, std::string reason,
                         std::int64_t at_ms) {
  auto& known = owners_[static_cast<size_t>(shard)];
  if (known == by)
    return;
  if (by.empty())
    keep(moves_, {at_ms, shard, known, {}, epoch, std::move(reason)});
  known = by;
}

void move_history::fenced(shard_fence x) { keep(fences_, std::move(x)); }

move_log move_history::log() const {
  return {{moves_.rbegin(), moves_.rend()}, {fences_.rbegin(), fences_.rend()}};
}

} // namespace tickerflow
