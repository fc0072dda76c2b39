#include "io/doctor/doctor.hpp"

#include "io/log/redact.hpp"

#include <cstdlib>
#include <future>

namespace tickerflow {

findings examine(const settings& x, int schema_version) {
  auto api = std::async(std::launch::async, check_api, std::cref(x));
  auto kafka = std::async(std::launch::async, check_kafka, std::cref(x));
  auto postgres = std::async(std::launch::async, check_postgres, std::cref(x),
                             schema_version);
  group_report noted{"Settings"};
  for (auto& note : x.notes)
    noted.warn("note", note, "see `tickerflow config show`");
  if (x.notes.empty())
    noted.ok("settings", "all good; `tickerflow config show` lists them");
  auto result = noted.take();
  for (auto part : {check_machine(x), api.get(), kafka.get(), postgres.get()})
    result.insert(result.end(), part.begin(), part.end());
  // The causes quote other systems, which may quote what they were given.
  for (auto& one : result)
    for (auto text : {&one.check, &one.cause, &one.fix})
      *text = redact(*text);
  return result;
}

void report_clock(group_report& report, const std::string& whose,
                  std::int64_t ahead_ms, std::int64_t precise_ms) {
  auto off_ms = std::abs(ahead_ms);
  auto text = "this clock is " + std::to_string(off_ms) + " ms "
              + (ahead_ms < 0 ? "behind " : "ahead of ") + whose;
  auto fix = "set the clocks by NTP (timedatectl set-ntp true, or chrony)";
  // Bars count as final by our clock: a minute off stores unfinished ones.
  if (off_ms > 60'000 + precise_ms)
    report.fail("clock", text, fix);
  else if (off_ms > 2'000 + precise_ms)
    report.warn("clock", text, fix);
  else
    report.ok("clock", "agrees with " + whose + " to "
                           + std::to_string(std::max(off_ms, precise_ms))
                           + " ms");
}

} // namespace tickerflow
