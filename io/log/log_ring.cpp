#include "io/log/log_ring.hpp"

#include <algorithm>
#include <utility>

namespace tickerflow {

log_ring& log_ring::instance() {
  static log_ring result;
  return result;
}

void log_ring::add(std::chrono::system_clock::time_point at,
                   std::string_view level, std::uint64_t actor,
                   std::string text) {
  if (text.size() > longest) {
    auto end = longest;
    // Not within a character of several bytes.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
      --end;
    text.resize(end);
    text += " ...";
  }
  std::lock_guard guard{mutex_};
  bytes_ += text.size();
  lines_.push_back({++newest_, at, std::string{level}, actor, std::move(text)});
  while (lines_.size() > most_lines || bytes_ > most_bytes) {
    bytes_ -= lines_.front().text.size();
    lines_.pop_front();
  }
}

std::vector<log_entry> log_ring::after(std::uint64_t sequence) const {
  std::lock_guard guard{mutex_};
  auto first = std::partition_point(lines_.begin(), lines_.end(), [&](auto& x) {
    return x.sequence <= sequence;
  });
  return {first, lines_.end()};
}

std::uint64_t log_ring::newest() const {
  std::lock_guard guard{mutex_};
  return newest_;
}

} // namespace tickerflow
