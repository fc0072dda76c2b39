#include "io/node_link/waiting_room.hpp"

#include "io/node_link/link_scribe.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

void waiting_room::enter(link_scribe& x) {
  if (waiting_.size() >= seats) {
    auto& longest = *waiting_.front();
    waiting_.pop_front();
    longest.drop();
  }
  waiting_.push_back(&x);
}

void waiting_room::leave(link_scribe& x) { waiting_.remove(&x); }

void waiting_room::tell_refusal(const std::string& peer,
                                const std::string& reason) {
  auto now = std::chrono::steady_clock::now();
  if (now < next_line_) {
    ++not_told_;
    return;
  }
  next_line_ = now + std::chrono::seconds{10};
  spdlog::warn("event=link_refused peer={} reason=\"{}\" more_before={} "
               "hint=\"a node without a certificate of our authority, or a "
               "program that is no node\"",
               peer, reason, not_told_);
  not_told_ = 0;
}

} // namespace tickerflow
