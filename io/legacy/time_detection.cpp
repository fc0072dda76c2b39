#include "io/legacy/time_detection.hpp"

#include <algorithm>
#include <set>

namespace tickerflow {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// What a wrong reading must lose a ticker and day at least, in bars, to be
/// ruled out: the mark of half of the days.
constexpr double telling_loss = 0.5;

/// Part of the times that may be outside of all sessions.
constexpr double most_outside = 0.02;

/// Part of the days that have to begin at the open, and to end at the close: a
/// table of a few hours each day tells nothing.
constexpr double least_whole = 0.5;

/// Zones that servers and sessions are set to.
constexpr const char* usual_zones[] = {
    "America/New_York", "UTC",           "America/Chicago",
    "America/Denver",   "Europe/London", "America/Los_Angeles",
    "Europe/Berlin",    "Europe/Kyiv",   "Europe/Moscow",
    "Asia/Kolkata",     "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney", "Asia/Dubai",    "America/Sao_Paulo",
};

/// The readings that are tried, the likelier first: of two that mean the same
/// for all times the first is told.
std::vector<time_reading> candidates() {
  std::vector<time_reading> result;
  auto add = [&](seconds shift, const char* zone, const char* taken_for) {
    if (is_zone(zone))
      result.push_back({shift, zone, taken_for});
  };
  for (auto zone : usual_zones)
    add(seconds{0}, zone, "");
  for (auto zone : usual_zones)
    if (zone != std::string_view{"UTC"})
      add(seconds{0}, zone, "UTC");
  for (auto half_hours = 1; half_hours <= 28; ++half_hours)
    for (auto sign : {1, -1})
      add(minutes{sign * half_hours * 30}, exchange_zone, "");
  return result;
}

struct counted_time {
  wall_time start{};
  std::chrono::seconds interval{};
  std::int32_t tickers = 0;
};

/// The times of one week that are looked at.
struct week_sample {
  std::vector<counted_time> times;
  double ticker_days = 0;
};

using samples = std::map<date::sys_days, week_sample>; // by Monday

/// Looks at three days of each week: the first and the last, which a reading
/// that is wrong by a day puts on a weekend, and the one with the most bars.
/// Clocks change between two weeks of trading, so a reading is the same shift
/// in all of one.
samples sample(const std::map<seconds, wall_histogram>& times,
               bar_label label) {
  struct day_entry {
    std::vector<counted_time> times;
    std::int64_t bars = 0;
    std::int32_t tickers = 0; // of its busiest minute
  };
  std::map<date::sys_days, std::map<wall_time, day_entry>> weeks;
  for (auto& [interval, histogram] : times)
    for (auto& [wall, tickers] : histogram) {
      auto start = label == bar_label::end ? wall - interval : wall;
      auto day = std::chrono::floor<date::days>(wall);
      auto& entry = weeks[week_of(date::sys_days{day})][day];
      entry.times.push_back({start, interval, tickers});
      entry.bars += tickers;
      entry.tickers = std::max(entry.tickers, tickers);
    }
  samples result;
  for (auto& [monday, days] : weeks) {
    auto busiest =
        std::max_element(days.begin(), days.end(), [](auto& x, auto& y) {
          return x.second.bars < y.second.bars;
        });
    auto& to = result[monday];
    for (auto day = days.begin(); day != days.end(); ++day) {
      if (day != days.begin() && std::next(day) != days.end() && day != busiest)
        continue;
      auto& entry = day->second;
      to.ticker_days += entry.tickers;
      to.times.insert(to.times.end(), entry.times.begin(), entry.times.end());
    }
  }
  return result;
}

/// How well a reading suits one week.
struct week_score {
  double points = 0; // bars in regular sessions less those outside of all
  double outside = 0;
  double bars = 0;
  std::set<date::sys_days> days; // with bars in the regular session
  std::set<date::sys_days> opens;
  std::set<date::sys_days> closes;
  std::vector<std::int64_t> instants; // to tell whether two readings differ
};

/// @returns whether the sessions reach over a weekend: a reading that is wrong
///          by a day puts Friday's bars on Saturday, or Monday's on Sunday
bool spans_weekend(const std::vector<week_score>& weeks) {
  auto has = [&](date::weekday wanted) {
    return std::any_of(weeks.begin(), weeks.end(), [&](auto& week) {
      return std::any_of(week.days.begin(), week.days.end(), [&](auto day) {
        return date::weekday{day} == wanted;
      });
    });
  };
  return has(date::Monday) && has(date::Friday);
}

week_score score(const week_sample& x, const time_reader& reader,
                 const calendar& days) {
  week_score result;
  result.instants.reserve(x.times.size());
  for (auto& each : x.times) {
    auto at = reader.at(each.start).first;
    auto day = at ? days.day_at(*at) : nullptr;
    result.bars += each.tickers;
    result.instants.push_back(at ? at->time_since_epoch().count() : 0);
    if (!day) {
      result.outside += each.tickers;
      result.points -= each.tickers;
    } else if (*day->session_at(*at) == session::regular) {
      result.points += each.tickers;
      result.days.insert(day->date);
      if (*at == day->open)
        result.opens.insert(day->date);
      if (*at + each.interval == day->close)
        result.closes.insert(day->date);
    }
  }
  return result;
}

/// One reading against all weeks.
struct judged_reading {
  time_reading reading;
  std::vector<week_score> weeks; // as in the samples
  double outside = 0;
  double bars = 0;
  size_t days = 0;
  size_t opens = 0;
  size_t closes = 0;

  double points() const {
    double result = 0;
    for (auto& x : weeks)
      result += x.points;
    return result;
  }

  bool same_instants(const judged_reading& other) const {
    return std::equal(
        weeks.begin(), weeks.end(), other.weeks.begin(),
        [](auto& x, auto& y) { return x.instants == y.instants; });
  }
};

judged_reading judge(const samples& weeks, const time_reading& x,
                     const calendar& days) {
  judged_reading result;
  result.reading = x;
  time_reader reader{x};
  for (auto& [monday, week] : weeks) {
    result.weeks.push_back(score(week, reader, days));
    auto& last = result.weeks.back();
    result.outside += last.outside;
    result.bars += last.bars;
    result.days += last.days.size();
    result.opens += last.opens.size();
    result.closes += last.closes.size();
  }
  return result;
}

/// @returns by week the points that a reading must have to be possible
std::vector<double> least_points(const samples& weeks,
                                 const std::vector<judged_reading>& all) {
  std::vector<double> result;
  for (auto& [monday, week] : weeks) {
    auto best = -1e18;
    for (auto& x : all)
      best = std::max(best, x.weeks[result.size()].points);
    result.push_back(best - telling_loss * week.ticker_days);
  }
  return result;
}

std::string percent(double part) {
  auto tenths = static_cast<int>(part * 1000 + 0.5);
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " %";
}

constexpr const char* what_to_say =
    "say what the times are: --zone America/New_York if they are New York's "
    "wall time, else --zone, --shift or --taken-for; look at a day that you "
    "know, its first regular bar has to be 09:30";

/// Names the weeks' own best readings where no reading fits all.
std::string tell_mixed(const samples& weeks,
                       const std::vector<judged_reading>& all) {
  std::string result = "no single reading fits all weeks:";
  std::string last;
  int told = 0;
  size_t i = 0;
  for (auto& [monday, week] : weeks) {
    auto best = std::max_element(all.begin(), all.end(), [&](auto& x, auto& y) {
      return x.weeks[i].points < y.weeks[i].points;
    });
    auto text = to_string(best->reading);
    if (text != last && ++told <= 6)
      result += (told == 1 ? " from " : "; from ")
                + date::format("%Y-%m-%d", monday) + " on \"" + text + '"';
    last = text;
    ++i;
  }
  return result
         + " (migrate each part with its own flags, --since and --until; "
         + what_to_say + ')';
}

bool fits_better_as_ends(const std::map<seconds, wall_histogram>& times,
                         const judged_reading& as_starts,
                         const calendar& days) {
  auto weeks = sample(times, bar_label::end);
  auto as_ends = judge(weeks, as_starts.reading, days);
  double ticker_days = 0;
  for (auto& [monday, week] : weeks)
    ticker_days += week.ticker_days;
  return as_ends.points() >= as_starts.points() + telling_loss * ticker_days;
}

} // namespace

time_detection
detect_times(const std::map<std::chrono::seconds, wall_histogram>& times,
             bar_label label, const calendar& days) {
  time_detection result;
  auto weeks = sample(times, label);
  if (weeks.empty()) {
    result.reason =
        std::string{"there are no times to judge by ("} + what_to_say + ')';
    return result;
  }
  std::vector<judged_reading> all;
  for (auto& x : candidates())
    all.push_back(judge(weeks, x, days));
  auto least = least_points(weeks, all);
  std::vector<const judged_reading*> possible;
  for (auto& x : all) {
    size_t i = 0;
    auto fits = std::all_of(x.weeks.begin(), x.weeks.end(),
                            [&](auto& m) { return m.points >= least[i++]; });
    auto meant_already =
        std::any_of(possible.begin(), possible.end(),
                    [&](auto y) { return y->same_instants(x); });
    if (fits && !meant_already)
      possible.push_back(&x);
  }
  if (possible.empty()) {
    result.result = time_detection::outcome::mixed;
    result.reason = tell_mixed(weeks, all);
    return result;
  }
  auto& best = *possible.front();
  result.in_session = 1 - best.outside / best.bars;
  if (possible.size() > 1) {
    result.result = time_detection::outcome::ambiguous;
    result.reason = "several readings fit: ";
    for (size_t i = 0; i < possible.size() && i < 4; ++i)
      result.reason +=
          (i ? ", " : "") + ('"' + to_string(possible[i]->reading) + '"');
    if (possible.size() > 4)
      result.reason += " and " + std::to_string(possible.size() - 4) + " more";
    result.reason += std::string{" ("} + what_to_say + ')';
    return result;
  }
  result.reading = best.reading;
  if (label == bar_label::start && fits_better_as_ends(times, best, days)) {
    result.result = time_detection::outcome::ends;
    result.reason = "the times look like the ends of their bars, as the API "
                    "served them until 2022 (say --label end, or --label start "
                    "if they are not)";
    return result;
  }
  auto part_of_days = [&](size_t x) {
    return best.days == 0
               ? 0.0
               : static_cast<double>(x) / static_cast<double>(best.days);
  };
  auto opens = part_of_days(best.opens);
  auto closes = part_of_days(best.closes);
  if (best.outside > most_outside * best.bars || opens < least_whole
      || closes < least_whole) {
    result.reason = "the likeliest reading, \"" + to_string(best.reading)
                    + "\", puts " + percent(result.in_session)
                    + " of the times into sessions, and there are bars at the "
                      "open on "
                    + percent(opens) + " of the days, at the close on "
                    + percent(closes) + ": too few to go by (" + what_to_say
                    + ')';
    return result;
  }
  if (to_string(best.reading) != to_string(time_reading{})
      && !spans_weekend(best.weeks)) {
    result.reason = "\"" + to_string(best.reading)
                    + "\" fits, but there are too few days to tell it from "
                      "another day: a Monday and a Friday are needed ("
                    + what_to_say + ')';
    return result;
  }
  result.result = time_detection::outcome::found;
  return result;
}

} // namespace tickerflow
