#pragma once

#include "io/doctor/finding.hpp"
#include "io/settings/settings.hpp"

namespace tickerflow {

/// No check waits longer than this for one answer of another system.
constexpr std::chrono::milliseconds doctor_patience{3000};

/// Runs every check; groups that wait for others run side by side. Changes
/// nothing anywhere, makes no API call that counts against the budget.
/// @param schema_version newest that this program knows; 0 = not compared
findings examine(const settings& x, int schema_version);

// The groups by themselves, each in a file of its name.

findings check_api(const settings& x);
findings check_kafka(const settings& x);
findings check_postgres(const settings& x, int schema_version);
findings check_machine(const settings& x);

/// What a clock elsewhere says against ours, for each group that can ask one.
/// @param ahead_ms how far ours is ahead; @param precise_ms of the other
void report_clock(group_report& report, const std::string& whose,
                  std::int64_t ahead_ms, std::int64_t precise_ms);

} // namespace tickerflow
