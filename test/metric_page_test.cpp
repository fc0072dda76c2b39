#define CAF_SUITE metric_page

#include "nodes/metric_page.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

actor_row busy_actor(const std::string& kind, std::uint64_t id,
                     std::chrono::nanoseconds busy, std::uint64_t fast) {
  actor_row result;
  result.kind = kind;
  result.id = id;
  result.busy = busy;
  result.handled_within[0] = fast; // within 10 us
  result.handled_within.back() = 1;
  return result;
}

bool has_line(const std::string& page, const std::string& line) {
  return ('\n' + page).find('\n' + line + '\n') != std::string::npos;
}

} // namespace

CAF_TEST(a counter does not fall when an actor ends) {
  metric_page uut;
  metric_facts x;
  x.actors = {busy_actor("fetcher", 1, 2s, 10),
              busy_actor("fetcher", 2, 3s, 4)};
  uut.text(x);
  x.actors = {busy_actor("fetcher", 2, 4s, 5)};
  auto page = uut.text(x);
  auto name = std::string{"caf_actor_processing_time_seconds"};
  CAF_CHECK(has_line(page, name + "_sum{name=\"fetcher\"} 6"));
  // 10 + 1 of the one that has ended, 5 + 1 of the other.
  CAF_CHECK(has_line(page, name + "_count{name=\"fetcher\"} 17"));
  CAF_CHECK(has_line(page, name + "_bucket{name=\"fetcher\",le=\"+Inf\"} 17"));
  x.actors.clear();
  CAF_CHECK(has_line(uut.text(x), name + "_sum{name=\"fetcher\"} 6"));
}

CAF_TEST(a shard is as late as its latest ticker) {
  metric_page uut;
  metric_facts x;
  x.worker = true;
  x.interval = 300s;
  x.now = std::chrono::system_clock::time_point{10'000s};
  x.report = node_report{};
  shard_report shard;
  shard.shard = 7;
  shard.tickers = {{"NEW", 0, 0, 0, ""},
                   {"LATE", 9'000, 0, 1, ""},
                   {"FRESH", 9'600, 0, 1, ""}};
  x.report->shards = {shard};
  // 10,000 - (9,000 + 300); a ticker without a bar says nothing.
  CAF_CHECK(has_line(uut.text(x),
                     "tickerflow_watermark_lag_seconds{shard=\"7\"} 700"));
  x.report->shards[0].tickers.resize(1);
  CAF_CHECK_EQUAL(uut.text(x).find("tickerflow_watermark_lag_seconds"),
                  std::string::npos);
}

CAF_TEST(a node is counted in one state) {
  metric_page uut;
  metric_facts x;
  x.master = true;
  x.leading = true;
  x.cluster = cluster_status{};
  x.cluster->nodes.resize(3);
  x.cluster->nodes[1].alive = true;
  x.cluster->nodes[2].alive = true;
  x.cluster->nodes[2].suspect = true;
  x.cluster->nodes[2].leaving = true;
  auto page = uut.text(x);
  for (auto line : {"{state=\"dead\"} 1", "{state=\"alive\"} 1",
                    "{state=\"suspect\"} 1", "{state=\"leaving\"} 0"})
    CAF_CHECK(has_line(page, std::string{"tickerflow_nodes"} + line));
}
