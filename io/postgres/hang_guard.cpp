#include "io/postgres/hang_guard.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace tickerflow {

namespace {

using clock = std::chrono::steady_clock;

/// One thread for all guards of the process.
class watch {
public:
  static watch& instance() {
    static watch result;
    return result;
  }

  std::uint64_t arm(int socket, clock::time_point until) {
    std::lock_guard lock{mutex_};
    if (!thread_.joinable())
      thread_ = std::thread{[this] { run(); }};
    // A number of our own: by the time it is used, the other may be a file's.
    armed_.emplace(++last_, entry{::dup(socket), until});
    if (until < next_) // seldom: not for each statement
      changed_.notify_one();
    return last_;
  }

  void disarm(std::uint64_t id) {
    std::lock_guard lock{mutex_};
    auto known = armed_.find(id);
    if (known == armed_.end())
      return;
    ::close(known->second.socket);
    armed_.erase(known);
  }

private:
  struct entry {
    int socket;
    clock::time_point until;
  };

  ~watch() {
    {
      std::lock_guard lock{mutex_};
      ending_ = true;
      changed_.notify_one();
    }
    if (thread_.joinable())
      thread_.join();
  }

  void run() {
    std::unique_lock lock{mutex_};
    while (!ending_) {
      auto now = clock::now();
      next_ = now + std::chrono::hours{1};
      for (auto& [id, x] : armed_) {
        if (x.until <= now) {
          ::shutdown(x.socket, SHUT_RDWR);
          x.until = clock::time_point::max();
        }
        if (x.until < next_)
          next_ = x.until;
      }
      changed_.wait_until(lock, next_);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, entry> armed_;
  std::uint64_t last_ = 0;
  clock::time_point next_ = clock::time_point::max();
  bool ending_ = false;
  std::thread thread_;
};

} // namespace

hang_guard::hang_guard(int socket, std::chrono::milliseconds limit) {
  if (socket >= 0 && limit.count() > 0)
    id_ = watch::instance().arm(socket, clock::now() + limit);
}

hang_guard::~hang_guard() {
  if (id_ > 0)
    watch::instance().disarm(id_);
}

} // namespace tickerflow
