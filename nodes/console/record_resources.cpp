#include "nodes/console/record_resources.hpp"

#include "io/event/event.hpp"
#include "market/exchange_time.hpp"
#include "nodes/console/cluster_json.hpp"
#include "nodes/console/times.hpp"

#include <openssl/evp.h>

namespace tickerflow::console {

namespace {

constexpr std::size_t most_text = 64 * 1024;
constexpr std::size_t most_base64 = 1024 * 1024;

std::string base64_of(const std::string& bytes) {
  std::string result((bytes.size() + 2) / 3 * 4 + 1, '\0');
  auto size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  result.resize(static_cast<std::size_t>(size));
  return result;
}

json row_json(const dead_letter_row& x) {
  return {{"topic", x.place.topic},
          {"shard", x.place.shard},
          {"offset", x.place.offset},
          {"reason", x.reason},
          {"detail", readable(x.detail)},
          {"key", readable(x.key)},
          {"size", x.size_bytes},
          {"stored_at", instant_text(x.place.stored_us / 1000)}};
}

template <class T>
T value_of(caf::expected<T> x) {
  if (!x)
    throw problem_of(x.error());
  return std::move(*x);
}

json step(const char* name, std::optional<std::int64_t> at_ms,
          std::optional<std::int64_t>& last_ms, std::string text) {
  json after = nullptr;
  // A simulated market's clock is not that of the rest.
  if (at_ms && last_ms && *at_ms - *last_ms < 10LL * 86'400'000)
    after = *at_ms - *last_ms;
  if (at_ms)
    last_ms = at_ms;
  return {{"step", name},
          {"at", at_ms ? json(instant_text(*at_ms)) : json(nullptr)},
          {"after_ms", std::move(after)},
          {"text", std::move(text)}};
}

/// @returns when the event says that its bar was fetched
std::optional<std::int64_t> fetched_ms(const std::string& event) {
  auto x = json::parse(event, nullptr, false);
  if (!x.is_object() || !x.contains("fetched_at")
      || !x["fetched_at"].is_string())
    return std::nullopt;
  auto at = parse_rfc3339(x["fetched_at"].get<std::string>());
  if (!at)
    return std::nullopt;
  return at->time_since_epoch().count() * 1000;
}

} // namespace

std::string readable(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  while (!bytes.empty()) {
    auto length = std::min<std::size_t>(4, bytes.size());
    auto c = static_cast<unsigned char>(bytes[0]);
    auto control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    std::size_t taken = 0;
    for (std::size_t n = 1; n <= length && taken == 0; ++n)
      if (is_text(bytes.substr(0, n)))
        taken = n;
    if (taken > 0 && !control) {
      result += bytes.substr(0, taken);
      bytes.remove_prefix(taken);
    } else {
      result += {'\\', 'x', digits[c >> 4], digits[c & 15]};
      bytes.remove_prefix(1);
    }
  }
  return result;
}

json record_resources::dead_letters(const query& parameters) const {
  dead_letter_search x;
  x.text = parameters.text("q", 200);
  x.reason = parameters.text("reason", 100);
  if (auto shard = parameters.number("shard", 0, 2'147'483'647))
    x.shard = static_cast<std::int32_t>(*shard);
  if (auto from = parameters.instant("from"))
    x.from_s = from->time_since_epoch().count();
  if (auto to = parameters.instant("to"))
    x.to_s = to->time_since_epoch().count();
  x.limit = static_cast<int>(parameters.limit());
  if (auto cursor = parameters.cursor(4)) {
    auto at = whole_number_in((*cursor)[0]);
    auto shard = whole_number_in((*cursor)[2]);
    auto offset = whole_number_in((*cursor)[3]);
    if (!at || !shard || !offset || !is_text((*cursor)[1]))
      throw not_found("there is no such place in the list: leave cursor out");
    x.after = dead_letter_place{*at, (*cursor)[1],
                                static_cast<std::int32_t>(*shard), *offset};
  }
  auto rows =
      value_of(letters_.with([&](dead_letter_view& v) { return v.search(x); }));
  auto reasons =
      value_of(letters_.with([](dead_letter_view& v) { return v.reasons(); }));
  json next = nullptr;
  if (rows.size() > static_cast<std::size_t>(x.limit)) {
    rows.pop_back();
    auto& last = rows.back().place;
    next = cursor_of({std::to_string(last.stored_us), last.topic,
                      std::to_string(last.shard), std::to_string(last.offset)});
  }
  auto items = json::array();
  for (auto& row : rows)
    items.push_back(row_json(row));
  auto counts = json::object();
  for (auto& [reason, n] : reasons)
    counts[reason] = n;
  return {{"items", std::move(items)},
          {"next", std::move(next)},
          {"reasons", std::move(counts)}};
}

std::pair<dead_letter_row, std::string>
record_resources::letter(const std::string& topic, std::int32_t shard,
                         std::int64_t offset) const {
  auto found = value_of(letters_.with(
      [&](dead_letter_view& v) { return v.find(topic, shard, offset); }));
  if (!found)
    throw not_found("there is no such dead letter");
  return std::move(*found);
}

json record_resources::dead_letter(const std::string& topic, std::int32_t shard,
                                   std::int64_t offset) const {
  auto [row, payload] = letter(topic, shard, offset);
  auto result = row_json(row);
  result["payload"] = readable(payload.substr(0, most_text));
  result["payload_base64"] =
      payload.size() <= most_base64 ? base64_of(payload) : "";
  result["can_replay"] = !row.key.empty() && !payload.empty();
  return result;
}

json record_resources::replay(const std::string& topic, std::int32_t shard,
                              std::int64_t offset) const {
  auto [row, payload] = letter(topic, shard, offset);
  if (row.key.empty() || payload.empty())
    throw problem{409, "bad_request",
                  "it has no key or no payload: there is nothing to send"};
  auto place = value_of(produce_record(kafka_, topic_raw_, row.key, payload));
  return {{"topic", topic_raw_},
          {"shard", place.partition},
          {"offset", place.offset}};
}

json record_resources::trace(const std::string& symbol, std::int32_t partition,
                             const query& parameters) const {
  auto start = parameters.instant("start");
  auto times = value_of(
      market_.with([&](market_view& v) { return v.times_of(symbol, start); }));
  if (!times)
    throw not_found(start ? "there is no bar of " + symbol + " that starts then"
                          : "there is no bar of " + symbol + " yet");
  record_wish wish;
  wish.topic = topic_raw_;
  wish.partition = partition;
  wish.key = symbol;
  // A shard that was behind stores a record long after it was published.
  wish.from_ms = times->stored_ms - 10 * 60'000;
  wish.to_ms = times->stored_ms + 2'000;
  event_parser parser;
  wish.fits = [&](std::string_view value) {
    auto& x = parser.parse(value);
    return x.fault == event_fault::none && x.value.start == times->start;
  };
  std::optional<found_record> record;
  std::string missing = "not in the topic any more";
  if (auto found = find_record(kafka_, wish))
    record = std::move(*found);
  else
    missing = tickerflow::text_of(found.error());
  std::optional<std::int64_t> last;
  auto steps = json::array();
  auto end_s = times->start.time_since_epoch().count() + times->interval_s;
  steps.push_back(step("bar_end", end_s * 1000, last,
                       "the bar ended, by the source's clock"));
  steps.push_back(step("fetched",
                       record ? fetched_ms(record->value) : std::nullopt, last,
                       record ? "the source answered with it" : missing));
  steps.push_back(step(
      "published", record ? std::optional{record->at_ms} : std::nullopt, last,
      record
          ? "topic " + topic_raw_ + ", partition " + std::to_string(partition)
                + ", offset " + std::to_string(record->offset)
          : missing));
  steps.push_back(
      step("stored", times->stored_ms, last,
           "row of market.bar, revision " + std::to_string(times->revision)));
  steps.push_back(step(
      "window",
      times->window.empty() ? std::nullopt : std::optional{times->window_ms},
      last,
      times->window.empty()
          ? "no window has it"
          : "window " + times->window
                + (times->window_final ? " is final" : " is open")));
  return {{"symbol", symbol},
          {"start", format_rfc3339(times->start)},
          {"steps", std::move(steps)}};
}

} // namespace tickerflow::console
