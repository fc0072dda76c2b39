#include "io/event/window_event.hpp"
#include "test/soak/topic_scan.hpp"
#include "test/soak/verdict.hpp"

#include <functional>
#include <set>
#include <unordered_set>

namespace tickerflow::soak {

namespace {

std::string compare_announced(const result_place& place, const ledger& wanted,
                              differences& out) {
  std::unordered_set<std::uint64_t> announced;
  std::int64_t records = 0;
  scan_topic(place.brokers, place.processed_topic,
             [&](const scanned_record& x) {
               ++records;
               std::string text{x.value};
               if (!wanted.was_true(text))
                 out.add("announced, but never true: " + text);
               announced.insert(std::hash<std::string>{}(text));
             });
  std::int64_t finals = 0;
  for (auto& [key, x] : wanted.windows()) {
    if (!x.final)
      continue;
    ++finals;
    auto text = encode_window_event(
        {std::get<0>(key), std::chrono::seconds{60}, x, false});
    if (announced.count(std::hash<std::string>{}(text)) == 0)
      out.add("final, but not announced: " + text);
  }
  return std::to_string(records) + " announcements of " + std::to_string(finals)
         + " final windows";
}

std::string compare_dead(const result_place& place, const ledger& wanted,
                         differences& out) {
  std::set<std::pair<std::int32_t, std::int64_t>> announced;
  std::int64_t records = 0;
  scan_topic(place.brokers, place.dead_topic, [&](const scanned_record& x) {
    ++records;
    auto header = [&](const char* name) {
      auto found = x.headers.find(name);
      return found == x.headers.end() ? std::string{"-1"} : found->second;
    };
    std::pair<std::int32_t, std::int64_t> from{std::stoi(header("partition")),
                                               std::stoll(header("offset"))};
    auto letter = wanted.letters().find(from);
    if (letter == wanted.letters().end())
      out.add("dead-letter topic: no garbage was produced at "
              + header("partition") + '/' + header("offset"));
    else if (letter->second.reason != header("reason")
             || letter->second.payload != x.value
             || letter->second.key != x.key)
      out.add("dead-letter topic: other reason or bytes at "
              + header("partition") + '/' + header("offset"));
    announced.insert(from);
  });
  for (auto& [from, letter] : wanted.letters())
    if (announced.count(from) == 0)
      out.add("dead letter " + std::to_string(from.first) + '/'
              + std::to_string(from.second) + " was not announced");
  return std::to_string(records) + " announcements of "
         + std::to_string(announced.size()) + " dead letters";
}

} // namespace

std::vector<std::string> compare_topics(const result_place& place,
                                        const ledger& wanted,
                                        differences& out) {
  for (auto& [partition, end] : topic_ends(place.brokers, place.raw_topic)) {
    auto acknowledged = wanted.ends().find(partition);
    auto known = acknowledged == wanted.ends().end() ? 0 : acknowledged->second;
    if (end != known)
      out.add("partition " + std::to_string(partition) + " holds "
              + std::to_string(end) + " records, " + std::to_string(known)
              + " were acknowledged");
  }
  return {compare_announced(place, wanted, out),
          compare_dead(place, wanted, out)};
}

} // namespace tickerflow::soak
