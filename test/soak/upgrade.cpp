#include "test/soak/upgrade.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <thread>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

/// An orderly stop is over by then or counts as none.
constexpr auto longest_stop = 10s;
/// Each step is watched for so long after its end.
constexpr auto rest = 3s;

double seconds(steady::duration x) {
  return std::chrono::duration<double>(x).count();
}

class upgrade {
public:
  upgrade(cluster& c, const std::string& program) : c_(c) {
    for (auto& name : c.own_nodes().names())
      (is_worker(name) ? workers_ : masters_).push_back(name);
    leader_ = find_leader();
    c.own_nodes().change_program(program);
  }

  std::vector<std::string> run(bool masters_first) {
    print("before", steady::now() - 5s, steady::now());
    for (auto& name : masters_)
      if (name != leader_)
        replace(name);
    auto early = masters_first ? 0 : workers_.size() / 2;
    for (size_t i = 0; i < early; ++i)
      replace(workers_[i]);
    replace(leader_);
    for (size_t i = early; i < workers_.size(); ++i)
      replace(workers_[i]);
    for (auto& text : c_.own_nodes().take_unexpected_ends())
      faults_.push_back(text);
    return faults_;
  }

private:
  std::string find_leader() {
    for (int i = 0; i < 600; ++i) {
      auto status = c_.status().last();
      if (status.answered && !status.leader.empty())
        return status.leader;
      std::this_thread::sleep_for(100ms);
    }
    throw std::runtime_error("no status names a leader");
  }

  /// Who serves: nodes that a leader of their own version has, else the old
  /// ones, which go on by themselves.
  std::set<std::string> servers() const {
    auto with = leader_replaced_ && !new_workers_.empty() ? new_workers_
                                                          : old_workers();
    return {with.begin(), with.end()};
  }

  std::vector<std::string> old_workers() const {
    std::vector<std::string> result;
    for (auto& name : workers_)
      if (std::find(new_workers_.begin(), new_workers_.end(), name)
          == new_workers_.end())
        result.push_back(name);
    return result;
  }

  void replace(const std::string& name) {
    auto began = steady::now();
    auto status = c_.own_nodes().stop(name, longest_stop);
    if (status != 0)
      faults_.push_back(name + " ended with " + std::to_string(status));
    c_.own_nodes().start(name);
    if (is_worker(name))
      new_workers_.push_back(name);
    if (name == leader_)
      leader_replaced_ = true;
    c_.wait_for_flow(servers());
    auto ended = steady::now();
    std::this_thread::sleep_for(rest);
    print(name, began, ended);
  }

  /// The longest time in which a shard's offset did not change.
  std::pair<double, int> longest_pause(steady::time_point began) const {
    double longest = 0;
    int paused = 0;
    auto shards = static_cast<int>(c_.watch().now().size());
    for (int i = 0; i < shards; ++i) {
      auto last = began;
      std::int64_t offset = -1;
      double own = 0;
      for (auto& row : c_.watch().since(i, began)) {
        if (row.next_offset == offset)
          continue;
        offset = row.next_offset;
        own = std::max(own, seconds(row.at - last));
        last = row.at;
      }
      own = std::max(own, seconds(steady::now() - last));
      longest = std::max(longest, own);
      paused += own > 1 ? 1 : 0;
    }
    return {longest, paused};
  }

  void print(const std::string& what, steady::time_point began,
             steady::time_point ended) const {
    std::map<std::string, int> shards;
    for (auto& row : c_.watch().now())
      ++shards[row.owner];
    std::string owners;
    for (auto& [owner, count] : shards)
      owners += fmt::format(" {}:{}", owner, count);
    auto [pause, paused] = longest_pause(began);
    fmt::print("  {:<10} {:5.1f} s  longest pause of a shard {:5.2f} s, {} "
               "above one second, then{}\n",
               what, seconds(ended - began), pause, paused, owners);
    std::fflush(stdout);
  }

  cluster& c_;
  std::vector<std::string> masters_;
  std::vector<std::string> workers_;
  std::vector<std::string> new_workers_;
  std::string leader_;
  bool leader_replaced_ = false;
  std::vector<std::string> faults_;
};

} // namespace

std::vector<std::string> run_upgrade(cluster& c, const std::string& program,
                                     bool masters_first) {
  std::this_thread::sleep_for(5s);
  return upgrade{c, program}.run(masters_first);
}

} // namespace tickerflow::soak
