#include "io/simulator/http_session.hpp"

namespace tickerflow::sim {

std::uint64_t session_board::enter(std::function<void()> close) {
  std::lock_guard guard{mutex_};
  if (stopping_ || sessions_.size() >= most_sessions)
    return 0;
  sessions_.emplace(++last_number_, std::move(close));
  return last_number_;
}

void session_board::leave(std::uint64_t number) {
  std::function<void()> close; // destroyed outside of the lock
  std::lock_guard guard{mutex_};
  auto i = sessions_.find(number);
  if (i == sessions_.end())
    return;
  close = std::move(i->second);
  sessions_.erase(i);
  ended_.notify_all();
}

void session_board::stop() {
  std::map<std::uint64_t, std::function<void()>> open;
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
    open = sessions_;
  }
  for (auto& [number, close] : open)
    close();
}

bool session_board::stopping() const {
  std::lock_guard guard{mutex_};
  return stopping_;
}

void session_board::wait_for_end(std::chrono::milliseconds longest) {
  std::unique_lock guard{mutex_};
  ended_.wait_for(guard, longest, [this] { return sessions_.empty(); });
}

} // namespace tickerflow::sim
