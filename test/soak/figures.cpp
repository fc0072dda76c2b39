#include "test/soak/figures.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace tickerflow::soak {

double figures::percentile(double p) const {
  if (values_.empty())
    return 0;
  auto sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  auto rank = std::ceil(p * static_cast<double>(sorted.size()));
  return sorted[static_cast<size_t>(std::max(1.0, rank)) - 1];
}

std::string figures::text() const {
  if (values_.empty())
    return "none";
  return fmt::format("n {:<4} p50 {:6.3f}  p99 {:6.3f}  max {:6.3f} s",
                     values_.size(), percentile(0.5), percentile(0.99),
                     percentile(1));
}

} // namespace tickerflow::soak
