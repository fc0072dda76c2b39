#include "io/legacy/migration.hpp"

#include "io/legacy/adopting_writer.hpp"
#include "io/legacy/time_detection.hpp"
#include "io/postgres/migrations.hpp"

namespace tickerflow {

namespace {

caf::error check_nobody_runs(const adoption_facts& facts) {
  if (facts.others.empty())
    return caf::none;
  std::string list;
  for (auto& x : facts.others)
    list += (list.empty() ? "" : "; ") + x;
  return failure(errc::bad_setting,
                 "Tickerflow is at work on this database (" + list
                     + "): stop master and workers first, start them "
                       "afterwards (--dry-run works beside them; a connection "
                       "of a machine that is gone ends with "
                       "pg_terminate_backend)");
}

std::string minutes_text(std::int64_t seconds) {
  return std::to_string(seconds / 60) + "min";
}

/// The parts of one migration, in the order of its steps.
class table_migration {
public:
  table_migration(const legacy_options& options,
                  const std::function<bool(const legacy_progress&)>& tell)
      : options_(options), tell_(tell), target_(options.to),
        survey_(options.intervals), left_out_(options.left_out_path) {
    report_.dry_run = options.dry_run;
    report_.label = options.label;
  }

  caf::expected<legacy_report> run() {
    for (auto step :
         {&table_migration::look, &table_migration::survey_times,
          &table_migration::check_intervals, &table_migration::read_times,
          &table_migration::prepare, &table_migration::move_rows})
      if (!report_.stopped)
        if (auto error = (this->*step)())
          return error;
    if (left_out_.written())
      report_.left_out_path = left_out_.path();
    return std::move(report_);
  }

private:
  caf::error look() {
    auto table = legacy_table::open(options_.from, options_.wanted);
    if (!table)
      return table.error();
    source_ = std::move(*table);
    report_.table = source_->name();
    report_.ordered = source_->ordered();
    auto facts = target_.look(options_.topic);
    if (!facts)
      return facts.error();
    facts_ = std::move(*facts);
    return options_.dry_run ? caf::error{} : check_nobody_runs(facts_);
  }

  caf::error survey_times() {
    auto error = source_->each_time([this](const legacy_row& x) {
      survey_.take(x);
      return go_on({{}, survey_.rows(), 0, 0});
    });
    survey_.finish();
    if (!error && !report_.stopped && survey_.rows() == 0)
      return failure(errc::bad_setting,
                     source_->name()
                         + " has no row that was asked for (check --only, "
                           "--since and --until)");
    return error;
  }

  caf::error check_intervals() {
    std::string faults;
    auto add = [&faults](const std::string& text) {
      if (!text.empty())
        faults += (faults.empty() ? "" : "\n") + text;
    };
    for (auto& [symbol, x] : survey_.tickers()) {
      // Not one time can be read: each row is left out with that reason.
      if (x.times == 0)
        continue;
      add(interval_fault(symbol, x));
      auto stored = facts_.intervals.find(symbol);
      if (stored != facts_.intervals.end()
          && std::chrono::seconds{stored->second} != x.interval
          && x.interval > x.interval.zero())
        add(symbol + ": stored in bars of " + minutes_text(stored->second)
            + ", those of " + source_->name() + " are "
            + minutes_text(x.interval.count())
            + "; they cannot be mixed (leave the ticker out with --only, or "
              "use another database)");
    }
    return faults.empty() ? caf::error{} : failure(errc::bad_setting, faults);
  }

  caf::error read_times() {
    if (options_.reading && options_.label_told) {
      report_.reading = *options_.reading;
      return caf::none;
    }
    auto found = detect_times(survey_.times(), options_.label, nyse());
    using outcome = time_detection::outcome;
    auto& told = options_.reading;
    auto agrees = told && to_string(*told) == to_string(found.reading);
    if (found.result == outcome::ends && !options_.label_told
        && (!told || agrees))
      return not_certain(found.reason);
    if (told) {
      report_.reading = *told;
      if (found.result == outcome::found && !agrees)
        report_.notes.push_back("the exchange's calendar speaks for \""
                                + to_string(found.reading)
                                + "\" instead of what was told");
      return caf::none;
    }
    if (found.result != outcome::found
        && !(found.result == outcome::ends && options_.label_told))
      return not_certain(found.reason);
    report_.reading = found.reading;
    report_.detected = true;
    report_.in_session = found.in_session;
    return caf::none;
  }

  caf::error not_certain(const std::string& reason) const {
    return failure(errc::bad_setting, "what the times of " + source_->name()
                                          + " mean is not certain: " + reason);
  }

  caf::error prepare() {
    if (auto error = left_out_.prepare())
      return error;
    if (options_.dry_run)
      return caf::none;
    if (auto applied = migrate(options_.to); !applied)
      return applied.error();
    if (facts_.shards == 0)
      facts_.shards = options_.shards;
    if (auto error = target_.hold(facts_.shards))
      return error;
    facts_.schema_ready = true;
    std::vector<ticker_spec> specs;
    for (auto& [symbol, x] : survey_.tickers())
      if (x.interval > x.interval.zero() && x.times > 0)
        specs.push_back(
            {symbol, static_cast<std::int32_t>(x.interval.count())});
    return target_.add_tickers(specs);
  }

  caf::error move_rows() {
    adopting_options options;
    options.dsn = options_.to;
    options.shards = std::max(1, facts_.shards);
    options.tables_ready = facts_.schema_ready;
    options.dry_run = options_.dry_run;
    options.batch_bars = options_.batch_bars;
    writer_ = std::make_unique<adopting_writer>(options, target_, left_out_);
    legacy_bar_reader reader{report_.reading, report_.label, nyse()};
    caf::error failed;
    auto error = source_->each_row([&](const legacy_row& x) {
      failed = move_row(reader, x);
      return !failed
             && go_on(
                 {symbol_, report_.rows, survey_.rows(), writer_->stored()});
    });
    // Whole days that are pending are written also if the source is lost or we
    // are told to stop; the day that was being read waits for the next run.
    if (!failed && !error && !report_.stopped)
      failed = put_day();
    if (!failed)
      failed = writer_->finish();
    report_.windows = writer_->windows();
    return failed ? failed : error;
  }

  caf::error move_row(const legacy_bar_reader& reader, const legacy_row& x) {
    report_.rows += x.times;
    auto symbol = legacy_symbol(x.symbol);
    auto known = survey_.tickers().find(symbol);
    auto found = known != survey_.tickers().end();
    auto& counts = report_.tickers[found ? symbol : std::string{}];
    if (found)
      counts.interval = known->second.interval;
    counts.rows += x.times;
    auto read = reader.read(x, counts.interval > counts.interval.zero()
                                   ? counts.interval
                                   : std::chrono::minutes{1});
    if (read.left_out)
      return leave_out(read.reason, read.detail, x, counts);
    auto day = nyse().day_at(read.value.start);
    if (symbol != symbol_ || day != day_) {
      if (auto error = put_day())
        return error;
      symbol_ = symbol;
      day_ = day;
    }
    for (auto& lost : merged_.add(read.value, x))
      if (auto error = leave_out(left_out_reason::superseded,
                                 "a later row of this time has other values",
                                 lost, counts))
        return error;
    return caf::none;
  }

  caf::error leave_out(left_out_reason reason, std::string_view detail,
                       const legacy_row& x, ticker_migration& counts) {
    counts.left_out[static_cast<size_t>(reason)] += x.times;
    return left_out_.add(reason, detail, x);
  }

  caf::error put_day() {
    if (merged_.empty())
      return caf::none;
    auto error =
        writer_->put(symbol_, *day_, merged_.bars(), report_.tickers[symbol_]);
    merged_.clear();
    return error;
  }

  bool go_on(const legacy_progress& x) {
    if (tell_ && !tell_(x))
      report_.stopped = true;
    return !report_.stopped;
  }

  const legacy_options& options_;
  const std::function<bool(const legacy_progress&)>& tell_;
  adoption target_;
  adoption_facts facts_;
  survey survey_;
  left_out_file left_out_;
  legacy_report report_;
  std::unique_ptr<legacy_table> source_;
  std::unique_ptr<adopting_writer> writer_;
  merged_day merged_;
  std::string symbol_;
  const trading_day* day_ = nullptr;
};

} // namespace

caf::expected<legacy_report>
migrate_legacy(const legacy_options& options,
               const std::function<bool(const legacy_progress&)>& tell) {
  return table_migration{options, tell}.run();
}

} // namespace tickerflow
