#include "io/event/event.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

namespace tickerflow {

namespace {

using simdjson::SUCCESS;
namespace ondemand = simdjson::ondemand;

enum field : unsigned {
  symbol_field = 1,
  time_field = 2,
  open_field = 4,
  high_field = 8,
  low_field = 16,
  close_field = 32,
  volume_field = 64,
  interval_field = 128,
};

constexpr unsigned needed_fields = symbol_field | time_field | open_field
                                   | high_field | low_field | close_field;

constexpr std::pair<unsigned, const char*> field_names[] = {
    {symbol_field, "symbol"}, {time_field, "timestamp"}, {open_field, "open"},
    {high_field, "high"},     {low_field, "low"},        {close_field, "close"},
};

/// The largest volume taken; ten times all shares of any company.
constexpr std::int64_t largest_volume = 1'000'000'000'000;

event_fault fault_of(simdjson::error_code x) {
  switch (x) {
    case simdjson::UTF8_ERROR: return event_fault::not_utf8;
    case simdjson::INCORRECT_TYPE: return event_fault::wrong_type;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: return event_fault::bad_number;
    default: return event_fault::not_json;
  }
}

/// @returns whether JSON other than an object may begin so
bool starts_other_json(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return false;
  text.remove_prefix(first);
  return text.find_first_of("[\"-0123456789") == 0 || text == "null"
         || text == "true" || text == "false";
}

} // namespace

std::string_view to_string(event_fault x) {
  switch (x) {
    case event_fault::none: return "none";
    case event_fault::too_large: return "too_large";
    case event_fault::not_utf8: return "not_utf8";
    case event_fault::not_json: return "not_json";
    case event_fault::not_an_object: return "not_an_object";
    case event_fault::missing_field: return "missing_field";
    case event_fault::wrong_type: return "wrong_type";
    case event_fault::bad_number: return "bad_number";
    case event_fault::bad_time: return "bad_time";
    case event_fault::bad_interval: return "bad_interval";
    case event_fault::invalid_bar: return "invalid_bar";
    case event_fault::rejected: return "rejected";
  }
  return "???";
}

struct event_parser::implementation {
  ondemand::parser parser;
  std::string buffer; // the record and simdjson's padding behind it

  /// Reads one number, or in the earlier form a string that holds one.
  bool read_price(ondemand::value& x, std::string_view name,
                  std::int64_t& price_e4, parsed_event& out);
  bool read_volume(ondemand::value& x, std::int64_t& shares, parsed_event& out);
  bool read_text(ondemand::value& x, std::string_view name,
                 std::string_view& text, parsed_event& out);
  bool read_time(std::string_view text, parsed_event& out);
  bool read_field(std::string_view key, ondemand::value& x, unsigned& seen,
                  parsed_event& out);
  void read(std::string_view payload, parsed_event& out);
};

namespace {

bool refuse(parsed_event& out, event_fault fault, std::string detail) {
  out.fault = fault;
  out.detail = std::move(detail);
  return false;
}

bool refuse(parsed_event& out, std::string_view name,
            simdjson::error_code code) {
  return refuse(out, fault_of(code),
                std::string{name} + ": " + simdjson::error_message(code));
}

} // namespace

bool event_parser::implementation::read_text(ondemand::value& x,
                                             std::string_view name,
                                             std::string_view& text,
                                             parsed_event& out) {
  auto code = x.get_string().get(text);
  return code == SUCCESS || refuse(out, name, code);
}

bool event_parser::implementation::read_price(ondemand::value& x,
                                              std::string_view name,
                                              std::int64_t& price_e4,
                                              parsed_event& out) {
  ondemand::json_type type;
  if (auto code = x.type().get(type); code != SUCCESS)
    return refuse(out, name, code);
  std::optional<std::int64_t> price;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (!read_text(x, name, text, out))
      return false;
    price = parse_e4(text);
  } else if (type == ondemand::json_type::number) {
    double value = 0;
    if (auto code = x.get_double().get(value); code != SUCCESS)
      return refuse(out, name, code);
    price = to_e4(value);
  } else {
    return refuse(out, event_fault::wrong_type,
                  std::string{name} + ": not a number");
  }
  if (!price)
    return refuse(out, event_fault::bad_number,
                  std::string{name} + ": not a finite decimal number");
  price_e4 = *price;
  return true;
}

bool event_parser::implementation::read_volume(ondemand::value& x,
                                               std::int64_t& shares,
                                               parsed_event& out) {
  ondemand::json_type type;
  if (auto code = x.type().get(type); code != SUCCESS)
    return refuse(out, "volume", code);
  if (type == ondemand::json_type::null) {
    shares = no_volume;
    return x.is_null() || refuse(out, event_fault::wrong_type, "volume");
  }
  double value = 0;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (!read_text(x, "volume", text, out))
      return false;
    auto parsed = parse_e4(text);
    if (!parsed)
      return refuse(out, event_fault::bad_number, "volume: not a number");
    value = static_cast<double>(*parsed) / price_scale;
  } else if (auto code = x.get_double().get(value); code != SUCCESS) {
    return refuse(out, "volume", code);
  }
  if (value != std::floor(value) || value > largest_volume
      || value < -largest_volume)
    return refuse(out, event_fault::bad_number,
                  "volume: not a whole number of shares");
  shares = static_cast<std::int64_t>(value);
  // -1 is our own mark for "none"; from outside it is a negative volume.
  if (shares < 0)
    return refuse(out, event_fault::invalid_bar,
                  std::string{to_string(bar_fault::negative_volume)});
  return true;
}

bool event_parser::implementation::read_time(std::string_view text,
                                             parsed_event& out) {
  auto start = out.legacy ? parse_wall_time(text, "America/New_York")
                          : parse_rfc3339(text);
  if (!start)
    return refuse(out, event_fault::bad_time,
                  out.legacy ? "date: not YYYY-MM-DD HH:MM:SS in US/Eastern"
                             : "timestamp: not RFC 3339, such as "
                               "2026-01-02T14:30:00Z");
  out.value.start = *start;
  return true;
}

bool event_parser::implementation::read_field(std::string_view key,
                                              ondemand::value& x,
                                              unsigned& seen,
                                              parsed_event& out) {
  auto& bar = out.value;
  std::string_view text;
  auto mark = [&seen](unsigned f, bool ok) {
    seen |= f;
    return ok;
  };
  if (key == "symbol") {
    if (!read_text(x, key, text, out))
      return false;
    bar.symbol.assign(text);
    return mark(symbol_field, true);
  }
  if (key == "timestamp" || key == "date") {
    if (!read_text(x, key, text, out))
      return false;
    out.legacy = key == "date";
    return mark(time_field, read_time(text, out));
  }
  if (key == "open")
    return mark(open_field, read_price(x, key, bar.open_e4, out));
  if (key == "high")
    return mark(high_field, read_price(x, key, bar.high_e4, out));
  if (key == "low")
    return mark(low_field, read_price(x, key, bar.low_e4, out));
  if (key == "close")
    return mark(close_field, read_price(x, key, bar.close_e4, out));
  if (key == "volume")
    return mark(volume_field, read_volume(x, bar.volume_shares, out));
  if (key == "interval") {
    if (!read_text(x, key, text, out))
      return false;
    bar.interval = parse_interval(text);
    if (bar.interval == bar.interval.zero())
      return refuse(out, event_fault::bad_interval,
                    "interval: not one of 1min, 5min, 15min, 30min, 60min");
    return mark(interval_field, true);
  }
  if (key == "rejected")
    return read_text(x, key, text, out)
           && refuse(out, event_fault::rejected, std::string{text});
  return true; // fields that we do not know are welcome; simdjson skips them
}

void event_parser::implementation::read(std::string_view payload,
                                        parsed_event& out) {
  buffer.resize(payload.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(buffer.data(), payload.data(), payload.size());
  std::memset(buffer.data() + payload.size(), 0, simdjson::SIMDJSON_PADDING);
  ondemand::document document;
  auto code = parser.iterate(buffer.data(), payload.size(), buffer.size())
                  .get(document);
  if (code != SUCCESS) {
    refuse(out, "record", code);
    return;
  }
  ondemand::object object;
  if (code = document.get_object().get(object); code != SUCCESS) {
    refuse(out,
           starts_other_json(payload) ? event_fault::not_an_object
                                      : event_fault::not_json,
           "record: not a JSON object");
    return;
  }
  unsigned seen = 0;
  for (auto item : object) {
    ondemand::field field;
    if (code = std::move(item).get(field); code != SUCCESS) {
      refuse(out, "record", code);
      return;
    }
    std::string_view key;
    if (code = field.unescaped_key().get(key); code != SUCCESS) {
      refuse(out, "field name", code);
      return;
    }
    auto value = field.value();
    if (!read_field(key, value, seen, out))
      return;
  }
  const char* rest = nullptr;
  if (document.current_location().get(rest) == SUCCESS) {
    refuse(out, event_fault::not_json, "record: text behind the object");
    return;
  }
  for (auto& [bit, name] : field_names)
    if ((seen & bit) == 0) {
      refuse(out, event_fault::missing_field, std::string{name} + ": missing");
      return;
    }
  auto& bar = out.value;
  if ((seen & volume_field) == 0) {
    if (!out.legacy) {
      refuse(out, event_fault::missing_field, "volume: missing");
      return;
    }
    bar.volume_shares = no_volume;
  }
  if ((seen & interval_field) == 0) {
    if (!out.legacy) {
      refuse(out, event_fault::missing_field, "interval: missing");
      return;
    }
    bar.interval = bar.interval.zero();
  }
  if (out.legacy)
    for (auto& c : bar.symbol)
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  auto checked = bar;
  if (checked.interval == checked.interval.zero())
    checked.interval = std::chrono::minutes{1};
  if (auto fault = check(checked); fault != bar_fault::none)
    refuse(out, event_fault::invalid_bar, std::string{to_string(fault)});
}

event_parser::event_parser()
    : implementation_(std::make_unique<implementation>()) {
  // nop
}

event_parser::~event_parser() = default;

const parsed_event& event_parser::parse(std::string_view payload) {
  result_.fault = event_fault::none;
  result_.detail.clear();
  result_.legacy = false;
  result_.value.symbol.clear();
  if (payload.size() > largest_event_bytes)
    refuse(result_, event_fault::too_large,
           "record: " + std::to_string(payload.size()) + " bytes, at most "
               + std::to_string(largest_event_bytes) + " are read");
  else
    implementation_->read(payload, result_);
  return result_;
}

} // namespace tickerflow
