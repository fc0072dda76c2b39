#include "nodes/commands/lists.hpp"

#include <spdlog/fmt/fmt.h>

namespace tickerflow {

tone tone_of_state(const std::string& state) {
  if (state == "dead" || state == "stuck" || state == "gone")
    return tone::bad;
  if (state == "suspect" || state == "leaving" || state == "drained"
      || state == "revoking" || state == "free")
    return tone::warning;
  if (state == "busy" || state == "assigned")
    return tone::note;
  if (state == "alive" || state == "leads" || state == "running")
    return tone::good;
  return tone::plain;
}

styled_line list_end(std::size_t shown, std::optional<std::int64_t> total,
                     const std::string& what) {
  auto all = total.value_or(static_cast<std::int64_t>(shown));
  auto text = static_cast<std::int64_t>(shown) < all
                  ? fmt::format("{} of {} {}s; --limit {} shows all", shown,
                                all, what, all)
                  : fmt::format("{} {}{}", shown, what, shown == 1 ? "" : "s");
  return {{text, tone::dim}};
}

} // namespace tickerflow
