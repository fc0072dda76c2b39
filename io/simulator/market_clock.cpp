#include "io/simulator/market_clock.hpp"

#include "market/exchange_time.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace tickerflow::sim {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

sim_time advance_open(const calendar& sessions, sim_time from, nanoseconds by) {
  auto date = date::floor<date::days>(from) - date::days(1);
  auto day = sessions.next_on_or_after(date);
  auto end = sessions.days().data() + sessions.days().size();
  for (; day && day != end; ++day) {
    if (day->post_close <= from)
      continue;
    if (from < day->pre_open)
      from = day->pre_open;
    auto left = sim_time{day->post_close} - from;
    if (by < left)
      return from + by;
    by -= left;
    from = day->post_close;
  }
  return from + by;
}

market_clock::market_clock(const calendar& sessions, timestamp start,
                           double speed, bool skip_closed,
                           steady::time_point started)
    : sessions_(sessions), base_(start), based_at_(started), speed_(speed),
      skip_closed_(skip_closed) {}

void market_clock::rebase(steady::time_point at) {
  if (at <= based_at_)
    return;
  auto passed = nanoseconds(static_cast<nanoseconds::rep>(
      static_cast<double>(duration_cast<nanoseconds>(at - based_at_).count())
      * speed_));
  base_ =
      skip_closed_ ? advance_open(sessions_, base_, passed) : base_ + passed;
  based_at_ = at;
}

sim_time market_clock::now(steady::time_point at) {
  std::lock_guard guard{mutex_};
  rebase(at);
  return base_;
}

void market_clock::set_now(sim_time t, steady::time_point at) {
  std::lock_guard guard{mutex_};
  base_ = t;
  based_at_ = at;
}

void market_clock::set_speed(double speed, steady::time_point at) {
  std::lock_guard guard{mutex_};
  rebase(at);
  speed_ = speed;
}

double market_clock::speed() const {
  std::lock_guard guard{mutex_};
  return speed_;
}

void store_clock(const std::string& path, timestamp t) {
  auto beside = path + ".new";
  {
    std::ofstream file{beside, std::ios::trunc};
    file << format_rfc3339(t) << '\n';
    file.flush();
    if (!file)
      throw std::runtime_error("cannot write the clock file " + beside);
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0)
    throw std::runtime_error("cannot write the clock file " + path + ": "
                             + std::strerror(errno));
}

std::optional<timestamp> load_clock(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    return std::nullopt;
  std::string line;
  std::getline(file, line);
  auto result = parse_rfc3339(line);
  if (!result)
    throw std::runtime_error("the clock file " + path
                             + " holds no time such as 2020-11-02T14:25:00Z "
                               "(delete it to begin anew)");
  return result;
}

} // namespace tickerflow::sim
