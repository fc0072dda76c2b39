#pragma once

#include "market/bar.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tickerflow {

/// The largest record that is parsed; more is a dead letter unread.
constexpr size_t largest_event_bytes = 64 * 1024;

/// Writes a bar as an event of the raw topic.
///
/// Shape   one JSON object, see messages/raw_event.schema.json
/// Units   prices as exact decimals; time in RFC 3339 UTC
std::string encode_event(const bar& x, session part, std::string_view source,
                         timestamp fetched_at, std::int32_t revision);

/// Writes what a fetcher could not use as an event that the aggregator turns
/// into a dead letter: so it has a place in the topic like any other.
std::string encode_rejected(std::string_view symbol, std::string_view source,
                            std::string_view text);

/// Why an event cannot be used; the words are stable, they are stored.
enum class event_fault : std::uint8_t {
  none,
  too_large,
  not_utf8,
  not_json,
  not_an_object,
  missing_field,
  wrong_type,
  bad_number,
  bad_time,
  bad_interval,
  invalid_bar, // see bar_fault
  rejected,    // by the fetcher: the API's answer could not be used
};

/// @returns the enumerator's name
std::string_view to_string(event_fault x);

struct parsed_event {
  event_fault fault = event_fault::none;
  std::string detail; // for people: which field, why
  bar value;          // valid if there is no fault
  /// The earlier pipeline's form: no volume, and the interval is not given;
  /// `value.interval` is then zero and the caller fills it in.
  bool legacy = false;
};

/// Reads events of the raw topic: ours, and the earlier pipeline's (all
/// strings, US/Eastern wall time, no volume).
///
/// Shape   any bytes in, a checked bar or a fault out; never throws
/// Source  simdjson on demand: 0.78 M events/s on one core, nlohmann 0.24 M/s
class event_parser {
public:
  event_parser();
  ~event_parser();

  /// @returns a reference that is valid until the next call
  const parsed_event& parse(std::string_view payload);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
  parsed_event result_;
};

/// Reads "1min", "5min", "15min", "30min", "60min".
/// @returns zero for anything else
std::chrono::seconds parse_interval(std::string_view text);

/// @returns "5min" for 300 s
std::string format_interval(std::chrono::seconds x);

} // namespace tickerflow
