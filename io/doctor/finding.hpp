#pragma once

#include <string>
#include <vector>

namespace tickerflow {

/// ok: works. warn: works, but look at it. fail: Tickerflow cannot work so.
enum class verdict : std::uint8_t { ok, warn, fail };

std::string to_string(verdict x);

/// One line of the doctor's report; never holds a secret.
struct finding {
  verdict level = verdict::ok;
  std::string group; // "Kafka"
  std::string check; // what was looked at: "topic stock_analysis"
  std::string cause; // what was found
  std::string fix;   // what to do; empty if ok
};

using findings = std::vector<finding>;

/// Gathers the findings of one group.
class group_report {
public:
  explicit group_report(std::string group) : group_(std::move(group)) {}

  void ok(const std::string& check, const std::string& cause);
  void warn(const std::string& check, const std::string& cause,
            const std::string& fix);
  void fail(const std::string& check, const std::string& cause,
            const std::string& fix);

  findings take() { return std::move(found_); }

private:
  std::string group_;
  findings found_;
};

bool any_fail(const findings& x);

/// For people: groups, one line a check, the fix below it, a summary.
std::string report_text(const findings& x);

/// {"verdict": "fail", "checks": [{group, check, verdict, cause, fix}]}
std::string report_json(const findings& x);

} // namespace tickerflow
