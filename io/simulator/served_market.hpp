#pragma once

#include "io/simulator/recorded_market.hpp"
#include "io/simulator/synthetic_market.hpp"

#include <memory>
#include <string>

namespace tickerflow::sim {

/// Recorded days where there is a recording, invented ones elsewhere; the
/// invented ones meet the recorded price at both ends.
class served_market {
public:
  /// @param symbols the symbols that are known; empty = whatever looks like a
  ///        US ticker: 1 to 5 letters, then perhaps a class, "BRK.B", "BRK-B"
  served_market(recorded_market recorded, std::uint64_t seed,
                const calendar& sessions, std::vector<std::string> symbols);

  bool knows(const std::string& symbol) const;

  /// 1-minute bars of a date of the exchange, as traded.
  bar_series day(const std::string& symbol, date::sys_days date) const;

  /// Divides prices by the splits between the bars' date and another.
  /// @param known_on the last date whose splits are known
  void adjust(bar_series& bars, const std::string& symbol,
              date::sys_days bars_date, date::sys_days known_on) const;

  const calendar& sessions() const { return sessions_; }
  const recorded_market& recorded() const { return recorded_; }

private:
  std::vector<split> splits(const std::string& symbol) const;

  recorded_market recorded_;
  const calendar& sessions_;
  synthetic_market synthetic_;
  std::vector<std::string> symbols_;
};

} // namespace tickerflow::sim
