#include "actors/isolation.hpp"

#include <caf/message.hpp>

namespace tickerflow {

caf::error isolation_error(std::string text, isolation x) {
  return caf::make_error(errc::stale_state, std::move(text), x.until,
                         x.records);
}

std::optional<isolation> isolation_of(const caf::error& x) {
  if (x == errc::stale_state
      && x.context().match_elements<std::string, std::int64_t, std::int64_t>())
    return isolation{x.context().get_as<std::int64_t>(1),
                     x.context().get_as<std::int64_t>(2)};
  return std::nullopt;
}

std::string printable(std::string_view text) {
  constexpr size_t longest = 500;
  std::string result{text.substr(0, longest)};
  for (auto& c : result)
    if (c < ' ' || c > '~' || c == '"')
      c = '?';
  return result;
}

} // namespace tickerflow
