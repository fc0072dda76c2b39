#pragma once

#include "test/simulation/checker.hpp"

#include <queue>
#include <random>
#include <unordered_map>

namespace tickerflow::simulation {

class world;

/// One process of the model; its timers and messages come one at a time.
class process {
public:
  process(world& around, address self) : world_(around), self_(self) {}
  virtual ~process() = default;
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  virtual void receive(const message& x) = 0;

  const address& self() const { return self_; }

protected:
  world& world_;
  address self_;
};

/// What the network does to messages for the time being.
struct weather {
  double loss = 0;
  double twice = 0;
  double late = 0;      // by up to `lateness`
  bool in_order = true; // between two processes, as over one TCP connection
  milliseconds lateness{3000};
};

/// Virtual time, processes, and the network between them.
class world {
public:
  world(const scenario& x, std::int32_t shards);

  time now() const { return now_; }
  std::int64_t now_ms() const;

  /// Runs until `end`; faults and looks come from `step`, called at its times.
  void run_until(time end);

  /// To whatever process runs there.
  void send(const address& from, std::int32_t to, message x);
  /// Over the connection to this one: nothing arrives at a restarted one.
  void send(const address& from, const address& to, message x);
  void after(milliseconds wait, const address& self, kind what = kind::tick);

  /// Adds a place for a process; `start` fills it.
  std::int32_t add_place();
  template <class T, class... Ts>
  T& start(std::int32_t place, Ts&&... xs) {
    auto& x = places_[static_cast<size_t>(place)];
    ++x.incarnation;
    x.hung_until = now_;
    auto made = std::make_unique<T>(*this, address{place, x.incarnation},
                                    std::forward<Ts>(xs)...);
    auto& result = *made;
    x.running = std::move(made);
    after(milliseconds{0}, result.self());
    return result;
  }

  /// Ends a process. Its peers see the connection close, or not.
  void end(std::int32_t place, double seen = 1);
  void hang(std::int32_t place, milliseconds duration);
  void part(std::int32_t x, std::int32_t y, milliseconds duration);
  bool up(std::int32_t place) const { return bool{at(place).running}; }
  bool hung(std::int32_t place) const { return at(place).hung_until > now_; }
  process* running(std::int32_t place) { return at(place).running.get(); }

  /// No fault from now on: parted processes meet, hung ones go on.
  void heal();

  /// An even choice of 0 ... n - 1.
  std::int32_t pick(std::int64_t n);
  bool chance(double x);
  milliseconds between(std::int64_t low_ms, std::int64_t high_ms);

  bool broken(mutation x) const { return scenario_.broken == x; }
  bool tracing() const { return scenario_.trace; }
  void trace(const address& who, const std::string& text) const;

  weather sky;
  checker watch;
  outcome count;

private:
  struct event {
    time at;
    std::uint64_t number;
    address to;
    size_t content;
  };

  struct place {
    std::unique_ptr<process> running;
    std::int32_t incarnation = 0;
    time hung_until{};
    std::vector<event> waiting; // while it hangs
  };

  /// In place of an event's content: its process may go on.
  static constexpr size_t wakes = static_cast<size_t>(-1);

  struct later {
    bool operator()(const event& x, const event& y) const {
      return std::tie(y.at, y.number) < std::tie(x.at, x.number);
    }
  };

  place& at(std::int32_t x) { return places_[static_cast<size_t>(x)]; }
  const place& at(std::int32_t x) const {
    return places_[static_cast<size_t>(x)];
  }
  void push(time at, const address& to, message x);
  void wake(place& x);
  void deliver(const event& x);

  scenario scenario_;
  std::mt19937_64 random_;
  time now_;
  std::uint64_t numbers_ = 0;
  std::vector<place> places_;
  std::priority_queue<event, std::vector<event>, later> events_;
  std::vector<message> contents_;
  std::vector<size_t> unused_;
  std::map<std::pair<std::int32_t, std::int32_t>, time> parted_;
  std::unordered_map<std::int64_t, time> last_delivery_;
};

} // namespace tickerflow::simulation
