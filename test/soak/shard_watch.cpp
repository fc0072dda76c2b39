#include "test/soak/shard_watch.hpp"

#include <pqxx/pqxx>

#include <algorithm>
#include <memory>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

constexpr auto pause = 4ms;

} // namespace

shard_watch::shard_watch(std::string dsn, std::int32_t shards)
    : dsn_(std::move(dsn)), history_(static_cast<size_t>(shards)),
      thread_([this] { run(); }) {
  // nop
}

shard_watch::~shard_watch() {
  stopping_ = true;
  thread_.join();
}

void shard_watch::run() {
  std::unique_ptr<pqxx::connection> c;
  while (!stopping_) {
    try {
      if (!c)
        c = std::make_unique<pqxx::connection>(dsn_ + "?connect_timeout=2");
      pqxx::nontransaction tx{*c};
      auto rows = tx.exec("SELECT shard, epoch, next_offset, owner"
                          " FROM pipeline.shard ORDER BY shard");
      std::vector<shard_sample> found;
      auto at = steady::now();
      for (auto row : rows)
        found.push_back({at, row[1].as<std::int64_t>(),
                         row[2].as<std::int64_t>(), row[3].c_str()});
      look(found);
      reachable_ = true;
      std::this_thread::sleep_for(pause);
    } catch (const std::exception&) {
      // Down, or the tables are not there yet.
      reachable_ = false;
      c.reset();
      std::this_thread::sleep_for(50ms);
    }
  }
}

void shard_watch::look(const std::vector<shard_sample>& rows) {
  std::lock_guard<std::mutex> guard{lock_};
  for (size_t i = 0; i < rows.size() && i < history_.size(); ++i) {
    auto& x = rows[i];
    auto& past = history_[i];
    if (past.empty()) {
      past.push_back(x);
      continue;
    }
    auto& y = past.back();
    if (x.epoch == y.epoch && x.next_offset == y.next_offset
        && x.owner == y.owner)
      continue;
    auto wrong = [&](const char* what) {
      violations_.push_back("shard " + std::to_string(i) + ": " + what
                            + ": epoch " + std::to_string(y.epoch) + " to "
                            + std::to_string(x.epoch) + ", next_offset "
                            + std::to_string(y.next_offset) + " to "
                            + std::to_string(x.next_offset) + ", owner '"
                            + y.owner + "' to '" + x.owner + "'");
    };
    if (x.epoch < y.epoch)
      wrong("the epoch fell");
    if (x.next_offset < y.next_offset)
      wrong("the offset fell");
    if (x.owner != y.owner && x.epoch == y.epoch)
      wrong("the owner changed within an epoch");
    past.push_back(x);
  }
}

std::vector<shard_sample> shard_watch::now() const {
  std::lock_guard<std::mutex> guard{lock_};
  std::vector<shard_sample> result;
  for (auto& past : history_)
    result.push_back(past.empty() ? shard_sample{} : past.back());
  return result;
}

std::vector<shard_sample> shard_watch::since(std::int32_t shard,
                                             steady::time_point t) const {
  std::lock_guard<std::mutex> guard{lock_};
  auto& past = history_[static_cast<size_t>(shard)];
  auto first = std::lower_bound(
      past.begin(), past.end(), t,
      [](const shard_sample& x, steady::time_point y) { return x.at < y; });
  return {first, past.end()};
}

std::optional<steady::time_point>
shard_watch::first_commit_above(std::int32_t shard, std::int64_t epoch) const {
  std::lock_guard<std::mutex> guard{lock_};
  auto& past = history_[static_cast<size_t>(shard)];
  // From the newest: what is asked for happened a moment ago.
  std::optional<steady::time_point> result;
  for (auto i = past.size(); i-- > 1;) {
    if (past[i].epoch <= epoch)
      break;
    // An epoch and an offset that rise at once: claim and first commit between
    // two polls, or a last commit of the old owner's; at most a poll apart.
    if (past[i].next_offset > past[i - 1].next_offset)
      result = past[i].at;
  }
  return result;
}

std::vector<std::string> shard_watch::violations() const {
  std::lock_guard<std::mutex> guard{lock_};
  return violations_;
}

} // namespace tickerflow::soak
