#include "io/doctor/finding.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tickerflow {

namespace {

verdict worst_of(const findings& x) {
  auto result = verdict::ok;
  for (auto& one : x)
    result = std::max(result, one.level);
  return result;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

} // namespace

std::string to_string(verdict x) {
  switch (x) {
    case verdict::ok: return "ok";
    case verdict::warn: return "warn";
    case verdict::fail: return "fail";
  }
  return "???";
}

void group_report::ok(const std::string& check, const std::string& cause) {
  found_.push_back({verdict::ok, group_, check, cause, {}});
}

void group_report::warn(const std::string& check, const std::string& cause,
                        const std::string& fix) {
  found_.push_back({verdict::warn, group_, check, cause, fix});
}

void group_report::fail(const std::string& check, const std::string& cause,
                        const std::string& fix) {
  found_.push_back({verdict::fail, group_, check, cause, fix});
}

bool any_fail(const findings& x) { return worst_of(x) == verdict::fail; }

std::string report_text(const findings& x) {
  std::size_t width = 0;
  for (auto& one : x)
    width = std::max(width, one.check.size());
  width = std::min<std::size_t>(width, 32);
  std::string result;
  std::string group;
  std::size_t warnings = 0;
  std::size_t failures = 0;
  for (auto& one : x) {
    warnings += one.level == verdict::warn;
    failures += one.level == verdict::fail;
    if (one.group != group) {
      group = one.group;
      result += (result.empty() ? "" : "\n") + group + '\n';
    }
    result += "  " + padded(to_string(one.level), 4) + "  "
              + padded(one.check, width) + "  " + one.cause + '\n';
    if (!one.fix.empty())
      result += "        -> " + one.fix + '\n';
  }
  return result + '\n' + std::to_string(x.size()) + " checks, "
         + std::to_string(warnings) + " warnings, " + std::to_string(failures)
         + " failures\n";
}

std::string report_json(const findings& x) {
  auto rows = nlohmann::json::array();
  for (auto& one : x)
    rows.push_back({{"group", one.group},
                    {"check", one.check},
                    {"verdict", to_string(one.level)},
                    {"cause", one.cause},
                    {"fix", one.fix}});
  return nlohmann::json{{"verdict", to_string(worst_of(x))}, {"checks", rows}}
      .dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace tickerflow
