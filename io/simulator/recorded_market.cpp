#include "io/simulator/recorded_market.hpp"

#include "io/simulator/gunzip.hpp"
#include "io/simulator/texts.hpp"
#include "market/price.hpp"

#include "recorded_files.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

namespace tickerflow::sim {

namespace {

using namespace std::chrono_literals;

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    throw std::runtime_error("cannot read " + path
                             + ": no such file, or no permission");
  std::ostringstream result;
  result << file.rdbuf();
  return std::move(result).str();
}

using file_reader = std::function<std::string(const std::string&)>;
using recordings_map =
    std::map<std::string, std::unique_ptr<recording>, std::less<>>;

recordings_map read_manifest(std::string_view manifest,
                             const file_reader& read) {
  recordings_map result;
  size_t number = 0;
  for (auto line : split_text(manifest, '\n')) {
    if (++number == 1 || line.empty())
      continue;
    auto cells = split_text(line, ',');
    auto bad = [number](const char* what) {
      return std::runtime_error("MANIFEST.csv line " + std::to_string(number)
                                + ": " + what);
    };
    if (cells.size() < 7)
      throw bad("fewer than the columns file,symbol,interval,provider,label,"
                "first,last");
    if (cells[2] != "1min") {
      spdlog::warn("event=recording_skipped file={} reason=\"interval {} is "
                   "not 1min\"",
                   cells[0], cells[2]);
      continue;
    }
    auto first = parse_date(cells[5].substr(0, 10));
    auto last = parse_date(cells[6].substr(0, 10));
    if (!first || !last)
      throw bad("first or last is no date");
    if (cells[4] != "start" && cells[4] != "end")
      throw bad("label is neither start nor end");
    auto name = std::string{cells[0]};
    result[std::string{cells[1]}] = std::make_unique<recording>(
        name, read(name), cells[4] == "end" ? bar_label::end : bar_label::start,
        *first, *last);
  }
  return result;
}

} // namespace

recording::recording(std::string name, std::string gzip, bar_label label,
                     date::sys_days first, date::sys_days last)
    : name_(std::move(name)), label_(label), first_(first), last_(last),
      gzip_(std::move(gzip)) {}

const bar_series& recording::bars() const {
  std::call_once(once_, [this] { unpack(); });
  return bars_;
}

void recording::unpack() const {
  auto csv = gunzip(gzip_, name_);
  size_t number = 0;
  std::string date;
  timestamp midnight;
  for (auto line : split_text(csv, '\n')) {
    if (++number == 1 || line.empty())
      continue;
    auto cells = split_text(line, ',');
    auto bad = [this, number] {
      return std::runtime_error(
          name_ + " line " + std::to_string(number)
          + " is not timestamp,open,high,low,close,volume");
    };
    if (cells.size() != 6 || cells[0].size() != 19)
      throw bad();
    if (cells[0].substr(0, 10) != date) {
      date = cells[0].substr(0, 10);
      // From noon: the clocks change at night, and no session spans that.
      auto noon = parse_wall_time(date + " 12:00", exchange_zone);
      if (!noon)
        throw bad();
      midnight = *noon - 12h;
    }
    auto time_of_day = parse_time_of_day(cells[0].substr(11));
    auto open = parse_e4(cells[1]);
    auto high = parse_e4(cells[2]);
    auto low = parse_e4(cells[3]);
    auto close = parse_e4(cells[4]);
    std::int64_t volume = 0;
    auto end = cells[5].data() + cells[5].size();
    if (!time_of_day || !open || !high || !low || !close
        || std::from_chars(cells[5].data(), end, volume).ec != std::errc{})
      throw bad();
    auto start = midnight + *time_of_day;
    if (label_ == bar_label::end)
      start -= 1min;
    bars_.push_back({start, *open, *high, *low, *close, volume});
  }
  gzip_.clear();
  gzip_.shrink_to_fit();
}

bar_series recording::day(date::sys_days date) const {
  auto& all = bars();
  auto noon = parse_wall_time(date::format("%F 12:00", date), exchange_zone);
  auto by_start = [](const plain_bar& x, timestamp t) { return x.start < t; };
  auto first = std::lower_bound(all.begin(), all.end(), *noon - 12h, by_start);
  auto last = std::lower_bound(first, all.end(), *noon + 12h, by_start);
  return {first, last};
}

recorded_market recorded_market::embedded() {
  auto content = [](const std::string& name) {
    for (auto& x : embedded::recorded_files())
      if (x.name == name)
        return std::string{x.content};
    throw std::runtime_error("not part of the program: " + name);
  };
  recorded_market result;
  result.recordings_ = read_manifest(content("MANIFEST.csv"), content);
  return result;
}

recorded_market recorded_market::in_folder(const std::string& folder) {
  auto content = [&folder](const std::string& name) {
    return read_file(folder + '/' + name);
  };
  recorded_market result;
  result.recordings_ = read_manifest(content("MANIFEST.csv"), content);
  return result;
}

const recording* recorded_market::find(std::string_view symbol) const {
  auto i = recordings_.find(symbol);
  return i == recordings_.end() ? nullptr : i->second.get();
}

std::vector<std::string> recorded_market::symbols() const {
  std::vector<std::string> result;
  for (auto& [symbol, recording] : recordings_)
    result.push_back(symbol);
  return result;
}

} // namespace tickerflow::sim
