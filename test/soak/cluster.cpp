#include "test/soak/cluster.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <sys/stat.h>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_start = 180s;
constexpr auto longest_standstill = 90s;

} // namespace

work_folder::work_folder(const std::string& name)
    : path_("/tmp/" + name + ".XXXXXX") {
  if (!::mkdtemp(path_.data()))
    throw std::runtime_error("no folder can be made under /tmp");
  ::chmod(path_.c_str(), 0755); // PostgreSQL's user has to enter it
}

work_folder::~work_folder() {
  std::error_code ignored;
  if (kept_)
    std::cout << "logs and data are kept in " << path_ << std::endl;
  else
    std::filesystem::remove_all(path_, ignored);
}

cluster::cluster(const cluster_options& x, const std::string& folder) {
  feeder_options flow;
  flow.brokers = x.brokers;
  flow.topic = x.topic;
  flow.rate = x.rate;
  flow.traffic = {x.seed, x.tickers, x.shards};
  feeder_ = std::make_unique<feeder>(flow);
  nodes_options node;
  node.program = x.program;
  node.folder = folder;
  node.kafka = x.brokers;
  node.postgres = x.postgres;
  node.topic = x.topic;
  node.tickers = feeder_->symbols();
  node.shards = x.shards;
  node.masters = x.masters;
  nodes_ = std::make_unique<nodes>(node);
  for (int i = 1; i <= x.masters; ++i)
    nodes_->start(master_name(i));
  for (int i = 1; i <= x.workers; ++i)
    nodes_->start(worker_name(i));
  watch_ = std::make_unique<shard_watch>(x.postgres, x.shards);
  status_ = std::make_unique<status_watch>(*nodes_);
  auto limit = steady::now() + longest_start;
  auto owned = [&] {
    auto rows = watch_->now();
    return std::none_of(rows.begin(), rows.end(),
                        [](auto& row) { return row.owner.empty(); });
  };
  while (!owned()) {
    for (auto& text : nodes_->take_unexpected_ends())
      throw std::runtime_error(
          text + ":\n"
          + tail_of(nodes_->log_of(text.substr(0, text.find(' '))), 8));
    if (steady::now() > limit)
      throw std::runtime_error(
          "after three minutes not every shard has an owner:\n"
          + tail_of(nodes_->log_of(master_name(1)), 8));
    std::this_thread::sleep_for(50ms);
  }
}

cluster::~cluster() {
  feeder_.reset();
  status_.reset();
  watch_.reset();
  for (auto& name : nodes_->names())
    nodes_->resume(name);
  for (auto& name : nodes_->names())
    nodes_->terminate(name);
  for (auto& name : nodes_->names())
    nodes_->stop(name, 15s);
}

std::int64_t cluster::lag() const {
  auto result = feeder_->acknowledged();
  for (auto& row : watch_->now())
    result -= row.next_offset;
  return std::max<std::int64_t>(0, result);
}

std::vector<std::string> cluster::drain() {
  auto& ends = feeder_->ledger().ends();
  auto progressed = steady::now();
  std::int64_t before = -1;
  while (steady::now() - progressed < longest_standstill) {
    auto open = lag();
    if (open == 0)
      return {};
    if (open != before) {
      before = open;
      progressed = steady::now();
    }
    std::this_thread::sleep_for(20ms);
  }
  std::vector<std::string> result;
  auto rows = watch_->now();
  for (auto& [shard, end] : ends) {
    auto& row = rows[static_cast<size_t>(shard)];
    if (row.next_offset != end)
      result.push_back("shard " + std::to_string(shard) + " stands still at "
                       + std::to_string(row.next_offset) + " of "
                       + std::to_string(end) + ", owner " + row.owner
                       + ", epoch " + std::to_string(row.epoch));
  }
  return result;
}

bool cluster::flows_since(steady::time_point t,
                          const std::set<std::string>& owners) const {
  auto rows = watch_->now();
  std::map<std::string, int> shards;
  for (auto& owner : owners)
    shards[owner] = 0;
  for (auto& row : rows) {
    if (owners.count(row.owner) == 0 || row.at < t)
      return false;
    ++shards[row.owner];
  }
  auto [fewest, most] =
      std::minmax_element(shards.begin(), shards.end(),
                          [](auto& x, auto& y) { return x.second < y.second; });
  return most->second - fewest->second <= 1;
}

void cluster::wait_for_flow(const std::set<std::string>& owners) const {
  auto since = steady::now();
  while (!flows_since(since, owners)) {
    if (steady::now() - since > longest_start) {
      std::string text = "not every shard flows after three minutes:";
      for (auto& row : watch_->now())
        text += ' ' + row.owner + '@' + std::to_string(row.epoch)
                + (row.at < since ? " (stands)" : "");
      throw std::runtime_error(text);
    }
    std::this_thread::sleep_for(20ms);
  }
}

result_place cluster::place() const {
  auto& x = nodes_->options();
  return {x.postgres, x.kafka, x.topic, nodes_->processed_topic(),
          nodes_->dead_topic()};
}

} // namespace tickerflow::soak
