#include "nodes/console/words.hpp"

#include "nodes/console/times.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace tickerflow::console {

namespace {

/// Records that wait for so long are no peak any more.
constexpr std::int64_t much_lag = 20'000;
constexpr std::int64_t long_message_ms = 5'000;
/// An answer that comes late once is nothing to tell.
constexpr std::int64_t short_silence_s = 2;
constexpr std::size_t most_of_a_kind = 50;

class gatherer {
public:
  gatherer(const picture& x, const ticker_judge& judge)
      : picture_(x), judge_(judge) {}

  std::vector<alert> gather() {
    cluster();
    nodes();
    shards();
    tickers();
    budget();
    actors();
    std::stable_sort(found_.begin(), found_.end(),
                     [](auto& x, auto& y) { return x.how > y.how; });
    return std::move(found_);
  }

private:
  void add(level how, std::string about, std::string subject,
           std::string text) {
    found_.push_back(
        {how, std::move(about), std::move(subject), std::move(text)});
  }

  void cluster() {
    if (picture_.silent_for_s)
      add(level::critical, "cluster", "",
          fmt::format("The coordinator gives no answer for {} s: what is shown "
                      "is of then.",
                      *picture_.silent_for_s));
    auto serves =
        std::any_of(picture_.status.nodes.begin(), picture_.status.nodes.end(),
                    [](auto& n) {
                      return n.alive && !n.spec.drained && n.spec.weight > 0;
                    });
    if (!serves)
      add(level::critical, "cluster", "",
          "No worker can serve shards: start one with \"tickerflow worker\".");
  }

  void nodes() {
    for (auto& n : picture_.status.nodes) {
      if (!n.alive)
        add(level::critical, "node", n.spec.name,
            fmt::format("{} is dead: last heard of {} ago.", n.spec.name,
                        duration_words(n.last_beat_ms / 1000)));
      else if (n.suspect)
        add(level::warning, "node", n.spec.name,
            fmt::format("No answer from {} for {} s.", n.spec.name,
                        n.last_beat_ms / 1000));
      else if (n.spec.drained)
        add(level::info, "node", n.spec.name,
            n.spec.name + " is drained by an operator.");
    }
    for (auto& [name, p] : picture_.processes)
      if (p.silent_for_s.value_or(0) > short_silence_s)
        add(level::warning, "node", name,
            fmt::format("{} gives no answer about its actors for {} s.", name,
                        *p.silent_for_s));
  }

  void shards() {
    std::int64_t lag = 0;
    for (auto& s : picture_.status.shards) {
      auto name = std::to_string(s.report.shard);
      lag += s.report.lag;
      if (s.owner.empty())
        add(level::critical, "shard", name,
            fmt::format("Nobody serves shard {}: {}.", name, s.reason));
      else if (s.report.state == "retrying")
        add(level::warning, "postgres", name,
            fmt::format("Shard {} cannot write and tries again.", name));
    }
    if (lag > much_lag)
      add(level::warning, "kafka", "",
          fmt::format("{} records wait to be stored.", lag));
  }

  void tickers() {
    std::size_t told = 0;
    for (auto& s : picture_.status.shards)
      for (auto& t : s.report.tickers) {
        auto x = judge_.judge(s, t);
        if (x.how == level::ok || told >= most_of_a_kind)
          continue;
        ++told;
        add(x.how, "ticker", t.symbol, t.symbol + " is " + sentence(x.text));
      }
  }

  static std::string sentence(const std::string& text) {
    if (text.rfind("no bar yet", 0) == 0)
      return "without a bar" + text.substr(10) + '.';
    return text + '.';
  }

  void budget() {
    auto& b = picture_.status.budget;
    if (b.calls_per_day > 0 && b.used_today >= b.calls_per_day)
      add(level::warning, "budget", "",
          fmt::format("All {} calls of today are used: the next are from 00:00 "
                      "New York on.",
                      b.calls_per_day));
    else if (b.closed_for_ms > 0)
      add(level::warning, "budget", "",
          fmt::format("The API is closed for {}: {}.",
                      duration_words(b.closed_for_ms / 1000), b.closed_reason));
  }

  void actors() {
    for (auto& [name, p] : picture_.processes) {
      if (!p.now)
        continue;
      std::size_t told = 0;
      for (auto& a : p.now->actors)
        if (a.handling_ms > long_message_ms && told++ < most_of_a_kind)
          add(level::warning, "actor", name + '/' + std::to_string(a.serial),
              fmt::format("{} on {} handles one message for {} s.", a.kind,
                          name, a.handling_ms / 1000));
    }
  }

  const picture& picture_;
  const ticker_judge& judge_;
  std::vector<alert> found_;
};

} // namespace

std::vector<alert> alerts_of(const picture& x, const ticker_judge& judge) {
  return gatherer{x, judge}.gather();
}

std::string headline_of(const picture& x, const ticker_judge& judge,
                        const std::vector<alert>& alerts) {
  if (!alerts.empty() && alerts.front().how == level::critical)
    return alerts.front().text;
  std::size_t total = 0;
  std::size_t fresh = 0;
  std::size_t paused = 0;
  for (auto& s : x.status.shards)
    for (auto& t : s.report.tickers) {
      ++total;
      paused += t.paused ? 1 : 0;
      fresh += judge.judge(s, t).how == level::ok ? 1 : 0;
    }
  if (total == 0)
    return "No ticker is served yet.";
  auto rest = paused == 0 ? std::string{}
                          : fmt::format(" {} paused by an operator.", paused);
  if (fresh == total)
    return total == 1 ? "The ticker is fresh."
                      : fmt::format("All {} tickers are fresh.", total);
  auto first = std::find_if(alerts.begin(), alerts.end(), [](auto& a) {
    return a.how != level::info || a.about == "ticker";
  });
  return fmt::format("{} of {} tickers are fresh.", fresh, total) + rest
         + (first == alerts.end() ? "" : " " + first->text);
}

} // namespace tickerflow::console
