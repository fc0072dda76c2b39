#include "io/log/log.hpp"

#include "io/log/log_ring.hpp"
#include "io/log/redact.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cctype>
#include <cstdio>
#include <ctime>

namespace tickerflow {

namespace {

using event_time = std::chrono::system_clock::time_point;

/// "2026-05-15T13:30:00.250Z"
std::string utc_text(event_time at) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                at.time_since_epoch())
                .count();
  auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char buffer[64];
  auto size =
      std::strftime(buffer, sizeof(buffer), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(buffer + size, sizeof(buffer) - size, ".%03dZ",
                static_cast<int>(ms % 1000));
  return buffer;
}

std::string_view level_name(spdlog::level::level_enum x) {
  switch (x) {
    case spdlog::level::trace: return "trace";
    case spdlog::level::debug: return "debug";
    case spdlog::level::info: return "info";
    case spdlog::level::warn: return "warn";
    default: return "error";
  }
}

/// No line end and no terminal's escape gets out: one event stays one line,
/// and a record's text cannot pretend to be another event.
std::string one_line(std::string_view text) {
  constexpr auto digits = "0123456789abcdef";
  std::string result;
  for (unsigned char c : text) {
    if (c == '\n')
      result += "\\n";
    else if (c < 0x20 || c == 0x7f)
      result += {'\\', 'x', digits[c >> 4], digits[c & 15]};
    else
      result += static_cast<char>(c);
  }
  return result;
}

bool in_key(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

/// Takes key=value and key="value with \" in it" pairs; what is none of them
/// is gathered under "text".
nlohmann::ordered_json fields_of(const std::string& text) {
  auto result = nlohmann::ordered_json::object();
  std::string rest;
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = at;
    while (end < text.size() && in_key(text[end]))
      ++end;
    if (end == at || end == text.size() || text[end] != '=') {
      end = std::min(text.find(' ', at), text.size());
      rest += (rest.empty() ? "" : " ") + text.substr(at, end - at);
      at = text.find_first_not_of(' ', end);
      continue;
    }
    auto key = text.substr(at, end - at);
    std::string value;
    auto i = end + 1;
    if (i < text.size() && text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()
            && (text[i + 1] == '"' || text[i + 1] == '\\'))
          ++i;
        value += text[i];
      }
      ++i;
    } else {
      while (i < text.size() && text[i] != ' ')
        value += text[i++];
    }
    // time and level are ours, whatever an event calls its keys.
    result[result.contains(key) || key == "time" || key == "level" ? key + '_'
                                                                   : key] =
        value;
    at = text.find_first_not_of(' ', std::min(i, text.size()));
  }
  if (!rest.empty())
    result["text"] = rest;
  return result;
}

std::string line_of(event_time at, std::string_view level, bool as_json,
                    std::string_view text) {
  auto payload = one_line(redact(text));
  if (!as_json) {
    std::string name{level};
    name.resize(5, ' ');
    return utc_text(at) + ' ' + name + ' ' + payload;
  }
  nlohmann::ordered_json line{{"time", utc_text(at)}, {"level", level}};
  line.update(fields_of(payload));
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class event_formatter : public spdlog::formatter {
public:
  explicit event_formatter(bool as_json) : as_json_(as_json) {}

  void format(const spdlog::details::log_msg& x,
              spdlog::memory_buf_t& to) override {
    auto line = line_of(x.time, level_name(x.level), as_json_,
                        {x.payload.data(), x.payload.size()});
    line += '\n';
    to.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<event_formatter>(as_json_);
  }

private:
  bool as_json_;
};

/// Keeps what is logged for whoever asks this process for its log.
class ring_sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  void sink_it_(const spdlog::details::log_msg& x) override {
    log_ring::instance().add(
        x.time,
        x.level == spdlog::level::warn ? "warning" : level_name(x.level),
        working_actor, one_line(redact({x.payload.data(), x.payload.size()})));
  }

  void flush_() override {
    // Nothing is held back.
  }
};

} // namespace

void setup_log(const std::string& level, const std::string& format) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto kept = std::make_shared<ring_sink>();
  auto logger = std::make_shared<spdlog::logger>(
      "tickerflow", spdlog::sinks_init_list{sink, kept});
  logger->set_formatter(std::make_unique<event_formatter>(format == "json"));
  logger->set_level(
      spdlog::level::from_str(level == "warn" ? "warning" : level));
  // stderr is not buffered by us, but a warning must be out before a crash.
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

std::string log_line(const std::string& level, const std::string& format,
                     std::string_view text) {
  return line_of(std::chrono::system_clock::now(), level, format == "json",
                 text);
}

} // namespace tickerflow
