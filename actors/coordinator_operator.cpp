// What an operator asks the coordinator for: who is there, what has moved, and
// that a ticker is paused.

#include "actors/coordinator.hpp"

#include "market/shard.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace tickerflow {

namespace {

// Longer than the keeper waits for its database.
constexpr std::chrono::milliseconds keep_timeout{5000};

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

} // namespace

void coordinator_state::note_assigned(const shard_table::order& x) {
  history.assigned(x.shard, x.node, x.epoch,
                   table.view(x.shard, shard_table::clock::now()).reason,
                   now_ms());
}

/// Owners also change without an order: a node comes back with what it serves,
/// or dies and nobody can take over.
void coordinator_state::note_owners() {
  for (size_t i = 0; i < table.size(); ++i) {
    auto shard = static_cast<std::int32_t>(i);
    auto& owner = table.owner(shard);
    if (history.owner(shard) == owner)
      continue;
    auto view = table.view(shard, shard_table::clock::now());
    history.owned(shard, owner, view.report.epoch, view.reason, now_ms());
  }
}

void coordinator_state::note_lost(const shard_loss& x) {
  if (x.fenced)
    history.fenced(
        {now_ms(), x.node, x.shard, x.epoch, x.seen_epoch, x.reason});
}

std::vector<registered_node> coordinator_state::registered() const {
  std::vector<registered_node> result;
  for (auto& [name, node] : nodes)
    result.push_back({name, node.supervisor});
  return result;
}

bool coordinator_state::has_ticker(const std::string& symbol) const {
  auto shards = static_cast<std::int32_t>(tickers.size());
  if (shards == 0)
    return false;
  auto& list = tickers[static_cast<size_t>(shard_of(symbol, shards))];
  return std::any_of(list.begin(), list.end(),
                     [&](auto& x) { return x.symbol == symbol; });
}

caf::result<bool> coordinator_state::pause(const std::string& symbol, bool on) {
  if (!has_ticker(symbol))
    return failure(errc::bad_request,
                   "no ticker " + symbol
                       + " is followed here (\"tickerflow status\" lists "
                         "them)");
  if (!options.keeper)
    return failure(errc::unavailable,
                   "this master cannot store it (it runs without a database)");
  auto promise = self->make_response_promise<bool>();
  self->request(options.keeper, keep_timeout, pause_atom_v, symbol, on)
      .then(
          [this, promise, symbol](bool stored) mutable {
            auto changed = stored ? paused.insert(symbol).second
                                  : paused.erase(symbol) > 0;
            if (changed)
              spdlog::info("event=ticker_{} symbol={}",
                           stored ? "paused" : "resumed", symbol);
            // Also if it is no news here: a node may have missed it.
            for (auto& [name, node] : nodes)
              tell_paused(node);
            promise.deliver(stored);
          },
          [promise](caf::error& reason) mutable {
            if (reason == caf::sec::request_timeout)
              reason = failure(errc::unavailable,
                               "the database does not answer; it may be "
                               "stored all the same: ask again");
            promise.deliver(std::move(reason));
          });
  return promise;
}

void coordinator_state::tell_paused(const known_node& x) const {
  self->send(x.supervisor, pause_atom_v,
             std::vector<std::string>{paused.begin(), paused.end()});
}

} // namespace tickerflow
