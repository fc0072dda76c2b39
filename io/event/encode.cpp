#include "io/event/event.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace tickerflow {

std::chrono::seconds parse_interval(std::string_view text) {
  constexpr std::string_view unit = "min";
  if (text.size() <= unit.size()
      || text.substr(text.size() - unit.size()) != unit)
    return std::chrono::seconds{0};
  int minutes = 0;
  auto end = text.data() + text.size() - unit.size();
  auto [last, error] = std::from_chars(text.data(), end, minutes);
  if (error != std::errc{} || last != end)
    return std::chrono::seconds{0};
  switch (minutes) {
    case 1:
    case 5:
    case 15:
    case 30:
    case 60: return std::chrono::minutes{minutes};
    default: return std::chrono::seconds{0};
  }
}

std::string format_interval(std::chrono::seconds x) {
  return std::to_string(x.count() / 60) + "min";
}

std::string encode_event(const bar& x, session part, std::string_view source,
                         timestamp fetched_at, std::int32_t revision) {
  std::string out;
  out.reserve(256);
  auto price = [&out](const char* name, std::int64_t price_e4) {
    out += name;
    append_e4(out, price_e4);
  };
  // Symbols and sources are of [A-Z0-9.-^=] and our own words: no escapes.
  out += "{\"symbol\":\"";
  out += x.symbol;
  out += "\",\"interval\":\"";
  out += format_interval(x.interval);
  out += "\",\"timestamp\":\"";
  append_rfc3339(out, x.start);
  price("\",\"open\":", x.open_e4);
  price(",\"high\":", x.high_e4);
  price(",\"low\":", x.low_e4);
  price(",\"close\":", x.close_e4);
  out += ",\"volume\":";
  out += x.volume_shares == no_volume ? std::string{"null"}
                                      : std::to_string(x.volume_shares);
  out += ",\"session\":\"";
  out += to_string(part);
  out += "\",\"source\":\"";
  out += source;
  out += "\",\"fetched_at\":\"";
  append_rfc3339(out, fetched_at);
  out += "\",\"revision\":";
  out += std::to_string(revision);
  out += '}';
  return out;
}

std::string encode_rejected(std::string_view symbol, std::string_view source,
                            std::string_view text) {
  nlohmann::ordered_json out;
  out["symbol"] = symbol;
  out["source"] = source;
  out["rejected"] = text;
  return out.dump(-1, ' ', false,
                  nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace tickerflow
