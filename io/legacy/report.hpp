#pragma once

#include "io/legacy/legacy_bar.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace tickerflow {

/// What became of the rows of one ticker. The counts add up:
/// rows = stored + known + ours_kept + doubled + superseded + left out.
struct ticker_migration {
  std::chrono::seconds interval{0};
  std::int64_t rows = 0;
  std::int64_t stored = 0;  // bars written; in a dry run, to be written
  std::int64_t known = 0;   // bars that were stored before, with these values
  std::int64_t doubled = 0; // rows that repeat another
  std::array<std::int64_t, left_out_reasons> left_out{}; // rows, by reason
  timestamp first{}; // starts of the oldest and the newest bar
  timestamp last{};

  std::int64_t left_out_rows() const;
};

/// What a migration found and did.
struct legacy_report {
  std::string table;
  bool ordered = true; // else which of two rows is the later is not known
  bool dry_run = false;
  bool stopped = false; // by a signal, before the end
  time_reading reading;
  bool detected = false; // else told by the user
  double in_session = 0; // of the times, if detected
  bar_label label = bar_label::start;
  std::int64_t rows = 0;                           // read
  std::int64_t windows = 0;                        // written
  std::map<std::string, ticker_migration> tickers; // "" holds bad symbols
  std::string left_out_path; // empty: every row was taken over
  std::vector<std::string> notes;

  ticker_migration total() const;
};

/// For people: a few lines and a table of tickers.
std::string report_text(const legacy_report& x);

/// For programs: one JSON object.
std::string report_json(const legacy_report& x);

} // namespace tickerflow
