#include "nodes/live_lines.hpp"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <ctime>

namespace tickerflow {

live_lines::live_lines(std::string dsn, std::vector<std::string> tickers)
    : view_(std::move(dsn)), tickers_(std::move(tickers)),
      before_(std::chrono::steady_clock::now()) {
  // nop
}

void live_lines::print() {
  auto counts = view_.counts();
  if (!counts) {
    if (!outage_told_)
      fmt::print("{}\n", text_of(counts.error()));
    outage_told_ = true;
    return;
  }
  outage_told_ = false;
  auto now = std::chrono::steady_clock::now();
  auto seconds = std::chrono::duration<double>(now - before_).count();
  auto rate =
      inserted_before_ < 0
          ? 0.0
          : static_cast<double>(counts->inserted - inserted_before_) / seconds;
  inserted_before_ = counts->inserted;
  before_ = now;
  auto clock = std::time(nullptr);
  std::string last = "waiting for the first bars";
  if (!tickers_.empty()) {
    auto newest = view_.newest(tickers_[turn_++ % tickers_.size()]);
    if (newest && !newest->new_york_time.empty())
      last = fmt::format("{:<6} {} New York  close {}", newest->symbol,
                         newest->new_york_time, newest->close);
  }
  fmt::print("{:%H:%M:%S}  bars {:>8} ({:>+6.0f}/s)  windows {:>7}  dead "
             "letters {:>3}  {}\n",
             fmt::localtime(clock), counts->bars, rate, counts->windows,
             counts->dead_letters, last);
  std::fflush(stdout);
}

void live_lines::print_summary() {
  auto counts = view_.exact_counts();
  if (counts && counts->schema_ready)
    fmt::print("stored: {} bars, {} windows, {} dead letters\n", counts->bars,
               counts->windows, counts->dead_letters);
}

} // namespace tickerflow
