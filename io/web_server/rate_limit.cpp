#include "io/web_server/rate_limit.hpp"

#include <algorithm>

namespace tickerflow {

double rate_limit::left_in(const bucket& x, time now) const {
  auto since = std::chrono::duration<double>(now - x.at).count();
  return std::min(burst_, x.left + std::max(0.0, since) * per_s_);
}

void rate_limit::forget_full(time now) {
  for (auto x = buckets_.begin(); x != buckets_.end();)
    x = left_in(x->second, now) >= burst_ ? buckets_.erase(x) : std::next(x);
}

rate_limit::bucket& rate_limit::find(const std::string& who, time now) {
  auto known = buckets_.find(who);
  if (known == buckets_.end()) {
    if (buckets_.size() >= most_)
      forget_full(now);
    auto name = buckets_.size() < most_ ? who : std::string{};
    known = buckets_.try_emplace(name, bucket{burst_, now}).first;
  }
  auto& result = known->second;
  result.left = left_in(result, now);
  result.at = std::max(result.at, now);
  return result;
}

bool rate_limit::admit(const std::string& who, time now) {
  auto& x = find(who, now);
  if (x.left < 1)
    return false;
  x.left -= 1;
  return true;
}

bool rate_limit::allows(const std::string& who, time now) {
  return find(who, now).left >= 1;
}

} // namespace tickerflow
