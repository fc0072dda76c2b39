#include "io/event/event.hpp"
#include "io/legacy/migration.hpp"
#include "io/log/redact.hpp"
#include "io/settings/dsn.hpp"
#include "io/settings/flags.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace tickerflow {

namespace {

/// One line on a terminal that is written over; nothing if stderr is none.
class progress_line {
public:
  void show(const legacy_progress& x) {
    auto now = std::chrono::steady_clock::now();
    if (!terminal_ || now - shown_ < std::chrono::milliseconds{200})
      return;
    shown_ = now;
    open_ = true;
    auto text = x.symbol.empty()
                    ? fmt::format("looking at the times: {} rows", x.rows)
                    : fmt::format("{}: {} of {} rows, {} bars", x.symbol,
                                  x.rows, x.of_rows, x.stored);
    std::cerr << "\r\033[K" << text << std::flush;
  }

  void clear() {
    if (open_)
      std::cerr << "\r\033[K" << std::flush;
    open_ = false;
  }

private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool open_ = false;
  std::chrono::steady_clock::time_point shown_{};
};

/// What the command line says, as texts; `options_of` checks them.
struct migrate_command {
  flag_values flags;
  std::string from;
  std::string table;
  std::vector<std::string> only;
  std::string since;
  std::string until;
  std::string zone;
  std::string shift;
  std::string taken_for;
  std::string label;
  std::vector<std::string> intervals;
  std::string left_out;
  bool dry_run = false;
  bool as_json = false;

  std::string read_reading(legacy_options& out) const;
  std::string read_intervals(legacy_options& out) const;
  std::string read_days(legacy_options& out) const;
  std::string read_source(const settings& x, legacy_options& out) const;
  int run() const;
};

std::string migrate_command::read_reading(legacy_options& out) const {
  out.label_told = !label.empty();
  out.label = label == "end" ? bar_label::end : bar_label::start;
  if (zone.empty() && shift.empty() && taken_for.empty())
    return {};
  time_reading told;
  for (auto name : {&zone, &taken_for})
    if (!name->empty() && !is_zone(*name))
      return '"' + *name
             + "\" is no zone of the tz database (give one such as "
               "America/New_York or UTC)";
  if (!zone.empty())
    told.zone = zone;
  told.taken_for = taken_for;
  if (!shift.empty()) {
    auto parsed = parse_shift(shift);
    if (!parsed || *parsed > std::chrono::hours{48}
        || *parsed < -std::chrono::hours{48})
      return "--shift \"" + shift
             + "\" is no time to add (give one such as +5h or -4h30m, at most "
               "48h)";
    told.shift = *parsed;
  }
  out.reading = told;
  return {};
}

std::string migrate_command::read_intervals(legacy_options& out) const {
  for (auto& text : intervals) {
    auto sign = text.find('=');
    auto length = parse_interval(
        sign == std::string::npos ? text : text.substr(sign + 1));
    // 60min bars mix sessions.
    if (length == length.zero() || length > std::chrono::minutes{30})
      return "--interval \"" + text
             + "\" has to be 1min, 5min, 15min or 30min, or TICKER= and one of "
               "them";
    if (sign == std::string::npos)
      out.intervals.all = length;
    else
      out.intervals.by_symbol[legacy_symbol(text.substr(0, sign))] = length;
  }
  return {};
}

std::string migrate_command::read_days(legacy_options& out) const {
  for (auto day : {&since, &until})
    if (!day->empty() && (day->size() != 10 || !parse_wall_time(*day, "UTC")))
      return '"' + *day + "\" is no day (give one such as 2023-01-31)";
  out.wanted.since = since;
  out.wanted.until = until;
  for (auto& x : only)
    out.wanted.symbols.push_back(legacy_symbol(x));
  out.wanted.table = table;
  return {};
}

std::string migrate_command::read_source(const settings& x,
                                         legacy_options& out) const {
  if (!is_dsn(from))
    return "--from is no connection string of PostgreSQL (give one such as "
           "postgresql://user@host:5432/stock_data, the password in "
           "PGPASSWORD)";
  register_secrets(passwords_in(from));
  if (!passwords_in(from).empty())
    return "flag --from: a secret in a flag can be seen by every user of this "
           "machine (ps): give it in PGPASSWORD, or in .env as "
           "POSTGRES_PASSWORD";
  // What libpq finds by itself goes first.
  out.from = std::getenv("PGPASSWORD") == nullptr
                 ? with_password(from, x.postgres.password)
                 : from;
  return {};
}

/// Says what the next start would stumble over.
void add_notes(const settings& x, legacy_report& report) {
  for (auto& symbol : x.tickers) {
    auto found = report.tickers.find(symbol);
    if (found != report.tickers.end()
        && found->second.interval > std::chrono::seconds{0}
        && found->second.interval != x.api.interval)
      report.notes.push_back(fmt::format(
          "{} has bars of {}, but TICKERFLOW_INTERVAL is {}: set it "
          "to {} before the master starts",
          symbol, format_interval(found->second.interval),
          format_interval(x.api.interval),
          format_interval(found->second.interval)));
  }
}

int migrate_command::run() const {
  watch_stop_signals();
  auto x = read_settings(flags);
  if (!x)
    return exit_usage;
  legacy_options options;
  options.to = x->postgres.dsn;
  options.topic = x->kafka.topic_raw;
  options.shards = x->kafka.shards;
  options.dry_run = dry_run;
  options.left_out_path =
      left_out.empty() ? x->data_dir + "/migrate-legacy.csv" : left_out;
  for (auto fault : {read_source(*x, options), read_reading(options),
                     read_intervals(options), read_days(options)})
    if (!fault.empty()) {
      std::cerr << fault << '\n';
      return exit_usage;
    }
  progress_line line;
  auto asked = std::chrono::steady_clock::now();
  auto stop = false;
  auto report = migrate_legacy(options, [&](const legacy_progress& step) {
    line.show(step);
    // The signal is looked for now and then: this is called for each row.
    auto now = std::chrono::steady_clock::now();
    if (now - asked > std::chrono::milliseconds{100}) {
      asked = now;
      stop = stop || stop_requested(std::chrono::milliseconds{0});
    }
    return !stop;
  });
  line.clear();
  if (!report) {
    std::cerr << redact(text_of(report.error())) << '\n';
    return report.error() == errc::bad_setting ? exit_usage : exit_failed;
  }
  add_notes(*x, *report);
  std::cout << (as_json ? report_json(*report) + '\n' : report_text(*report));
  return report->stopped ? exit_failed : exit_ok;
}

void add_source_options(CLI::App& verb, migrate_command& x) {
  auto group = "Earlier table";
  verb.add_option("--from", x.from,
                  "the earlier database, postgresql://user@host/db; the "
                  "password in PGPASSWORD, else POSTGRES_PASSWORD")
      ->type_name("DSN")
      ->required()
      ->group(group);
  verb.add_option("--table", x.table,
                  "its table (default stocks, else stocks_legacy)")
      ->group(group);
  verb.add_option("--only", x.only, "these tickers, between commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B")
      ->group(group);
  verb.add_option("--since", x.since, "from this day of the table's times on")
      ->type_name("YYYY-MM-DD")
      ->group(group);
  verb.add_option("--until", x.until, "up to the day before this one")
      ->type_name("YYYY-MM-DD")
      ->group(group);
}

void add_meaning_options(CLI::App& verb, migrate_command& x) {
  auto group = "What its rows mean (found out if not said)";
  verb.add_option("--zone", x.zone,
                  "zone of the clock that the times show, e.g. "
                  "America/New_York")
      ->group(group);
  verb.add_option("--shift", x.shift, "to add to the times first: +5h, -4h30m")
      ->group(group);
  verb.add_option("--taken-for", x.taken_for,
                  "zone that New York's time was taken for when it was "
                  "converted to --zone, e.g. UTC")
      ->type_name("ZONE")
      ->group(group);
  verb.add_option("--label", x.label,
                  "what a time is: the bar's start (default), or its end as "
                  "the API served until 2022")
      ->check(CLI::IsMember({"start", "end"}))
      ->group(group);
  verb.add_option("--interval", x.intervals,
                  "length of the bars: 5min, or TSLA=1min for one ticker "
                  "(repeatable)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("LENGTH")
      ->group(group);
}

} // namespace

void add_migrate_legacy(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "migrate-legacy",
      "Take over the bars of an earlier pipeline's table \"stocks\"; it is "
      "only read, and bars that Tickerflow has are not changed");
  verb->group("Set up");
  auto command = std::make_shared<migrate_command>();
  verb->add_flag("--dry-run", command->dry_run,
                 "say what would be done, change nothing");
  verb->add_flag("--json", command->as_json, "the report as JSON");
  verb->add_option("--left-out", command->left_out,
                   "CSV file for the rows that are not taken over, with why "
                   "(default migrate-legacy.csv in --data-dir)")
      ->type_name("FILE");
  add_source_options(*verb, *command);
  add_meaning_options(*verb, *command);
  add_setting_flags(*verb, command->flags, verb_kind::migrate);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
