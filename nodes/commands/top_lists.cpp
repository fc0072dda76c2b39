#include "nodes/commands/top_lists.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace tickerflow {

namespace {

std::string lower(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

} // namespace

const std::vector<sort_key>& sort_keys(top_view x) {
  static const std::vector<sort_key> actors{
      {"mailbox", "mailbox", true},
      {"in/s", "in_per_s", true},
      {"out/s", "out_per_s", true},
      {"handled", "handled", true},
      {"p99", "p99_us", true},
      {"restarts", "restarts", true},
      {"up", "uptime_s", true},
      {"name", "name"},
      {"node", "node"},
      {"state", "state"},
  };
  static const std::vector<sort_key> tickers{
      {"ticker", "symbol"},   {"late", "late_s", true},
      {"bars", "bars", true}, {"last bar", "last_bar"},
      {"shard", "shard"},     {"node", "node"},
  };
  static const std::vector<sort_key> shards{
      {"shard", "shard"},       {"lag", "lag", true},
      {"owner", "owner"},       {"bars", "bars", true},
      {"epoch", "epoch", true}, {"dead letters", "dead_letters", true},
  };
  static const std::vector<sort_key> nodes{
      {"node", "name"},
      {"shards", "shards", true},
      {"memory", "memory_bytes", true},
      {"cpu", "cpu_share", true},
      {"beat", "last_beat_ms", true},
  };
  static const std::vector<sort_key> alerts{
      {"worst", ""}, // as the API has them
      {"about", "about"},
      {"which", "subject"},
      {"since", "since", true},
  };
  switch (x) {
    case top_view::actors: return actors;
    case top_view::tickers: return tickers;
    case top_view::shards: return shards;
    case top_view::nodes: return nodes;
    case top_view::alerts: return alerts;
  }
  return alerts;
}

std::string id_of(top_view view, const ordered_json& item) {
  switch (view) {
    case top_view::actors: return actor_id(item);
    case top_view::tickers: return text_at(item, "symbol");
    case top_view::shards: return text_at(item, "shard");
    case top_view::nodes: return text_at(item, "name");
    case top_view::alerts:
      return text_at(item, "about") + '/' + text_at(item, "subject") + '/'
             + text_at(item, "text");
  }
  return {};
}

bool matches(const ordered_json& item, const std::string& words) {
  std::string all;
  for (auto& x : item)
    all += (x.is_string() ? x.get<std::string>()
                          : x.dump(-1, ' ', false,
                                   ordered_json::error_handler_t::replace))
           + ' ';
  all = lower(all);
  std::istringstream wanted{lower(words)};
  for (std::string word; wanted >> word;)
    if (all.find(word) == std::string::npos)
      return false;
  return true;
}

void sort_items(std::vector<ordered_json>& items, const std::string& field,
                bool descending) {
  if (field.empty()) {
    if (descending)
      std::reverse(items.begin(), items.end());
    return;
  }
  auto value = [&](const ordered_json& x) {
    auto i = x.is_object() ? x.find(field) : x.end();
    return i == x.end() ? ordered_json{} : *i;
  };
  std::stable_sort(items.begin(), items.end(), [&](auto& a, auto& b) {
    auto x = value(a);
    auto y = value(b);
    if (x.is_null() || y.is_null())
      return !x.is_null() && y.is_null();
    return descending ? y < x : x < y;
  });
}

table table_of(top_view view, const ordered_json& items, const paper& x) {
  switch (view) {
    case top_view::actors: return actors_table(items);
    case top_view::tickers: return tickers_table(items, x);
    case top_view::shards: return shards_table(items);
    case top_view::nodes: return nodes_table(items);
    case top_view::alerts: return alerts_table(items);
  }
  return alerts_table(items);
}

} // namespace tickerflow
