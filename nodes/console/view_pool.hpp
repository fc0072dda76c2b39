#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tickerflow::console {

/// Views of the database, one for each thread that asks at the same time; made
/// when needed, and kept.
template <class View>
class view_pool {
public:
  explicit view_pool(std::string dsn) : dsn_(std::move(dsn)) {}

  /// Runs `f(View&)`.
  template <class F>
  auto with(F f) -> decltype(f(std::declval<View&>())) {
    struct loan {
      view_pool& pool;
      std::unique_ptr<View> view;
      ~loan() { pool.give_back(std::move(view)); }
    } x{*this, take()};
    return f(*x.view);
  }

private:
  std::unique_ptr<View> take() {
    std::lock_guard guard{mutex_};
    if (idle_.empty())
      return std::make_unique<View>(dsn_);
    auto result = std::move(idle_.back());
    idle_.pop_back();
    return result;
  }

  void give_back(std::unique_ptr<View> x) {
    std::lock_guard guard{mutex_};
    if (idle_.size() < 3)
      idle_.push_back(std::move(x));
  }

  std::string dsn_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<View>> idle_;
};

} // namespace tickerflow::console
