#include "io/event/window_event.hpp"

#include "market/exchange_time.hpp"
#include "market/price.hpp"

namespace tickerflow {

namespace {

void append_e6(std::string& out, std::int64_t x) {
  auto digits = std::to_string(x);
  if (digits.size() < 7)
    digits.insert(0, 7 - digits.size(), '0');
  out += digits.insert(digits.size() - 6, 1, '.');
}

} // namespace

std::string encode_window_event(const window_change& x) {
  auto& w = x.value;
  std::string out;
  out.reserve(320);
  auto price = [&out](const char* name, std::int64_t price_e4) {
    out += name;
    append_e4(out, price_e4);
  };
  auto number = [&out](const char* name, std::int64_t value) {
    out += name;
    out += std::to_string(value);
  };
  out += "{\"symbol\":\"";
  out += x.symbol;
  out += "\",\"interval\":\"";
  out += to_string(w.width);
  out += "\",\"session\":\"";
  out += to_string(w.session);
  out += "\",\"start\":\"";
  append_rfc3339(out, w.start);
  out += "\",\"end\":\"";
  append_rfc3339(out, w.end);
  price("\",\"open\":", w.open_e4);
  price(",\"high\":", w.high_e4);
  price(",\"low\":", w.low_e4);
  price(",\"close\":", w.close_e4);
  number(",\"volume\":", w.volume_shares);
  out += ",\"vwap\":";
  if (auto vwap = w.vwap_e6())
    append_e6(out, *vwap);
  else
    out += "null";
  number(",\"bars\":", w.bars);
  number(",\"expected_bars\":", w.expected_bars);
  number(",\"revision\":", w.revision);
  out += w.final ? ",\"final\":true}" : ",\"final\":false}";
  return out;
}

} // namespace tickerflow
