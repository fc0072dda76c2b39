#include "test/soak/outage.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdio>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

constexpr double allowed_growth_mb = 64;

std::map<std::string, double> memory_of(const nodes& x) {
  std::map<std::string, double> result;
  for (auto& name : x.names())
    result[name] = x.megabytes(name);
  return result;
}

void print(const char* when, std::chrono::seconds at, const cluster& c,
           const std::map<std::string, double>& memory) {
  std::string text;
  for (auto& [name, mb] : memory)
    text += fmt::format("  {} {:.1f} MB", name, mb);
  fmt::print("{} {:>4} s  lag {:>8}{}\n", when, at.count(), c.lag(), text);
  std::fflush(stdout);
}

} // namespace

std::vector<std::string> run_outage(cluster& c, servers& x,
                                    std::chrono::milliseconds length) {
  for (auto t = 10s; t <= 30s; t += 10s) {
    std::this_thread::sleep_for(10s);
    print("before", t, c, memory_of(c.own_nodes()));
  }
  x.stop_postgres(false);
  auto start = steady::now();
  std::map<std::string, double> early;
  std::map<std::string, double> highest;
  for (auto t = 10s; steady::now() - start < length; t += 10s) {
    std::this_thread::sleep_until(start + t);
    auto memory = memory_of(c.own_nodes());
    print("outage", t, c, memory);
    if (t <= 30s)
      early = memory;
    for (auto& [name, mb] : memory)
      highest[name] = std::max(highest[name], mb);
  }
  x.start_postgres();
  start = steady::now();
  for (auto t = 10s; t <= 600s && c.lag() > 20'000; t += 10s) {
    std::this_thread::sleep_until(start + t);
    print("after ", t, c, memory_of(c.own_nodes()));
  }
  std::vector<std::string> result;
  for (auto& text : c.own_nodes().take_unexpected_ends())
    result.push_back(text);
  for (auto& [name, mb] : highest)
    if (is_worker(name) && mb > early[name] + allowed_growth_mb)
      result.push_back(fmt::format(
          "{} grew from {:.0f} MB to {:.0f} MB while PostgreSQL was away", name,
          early[name], mb));
  return result;
}

} // namespace tickerflow::soak
