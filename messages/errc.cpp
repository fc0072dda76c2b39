#include "messages/errc.hpp"

#include <caf/message.hpp>

namespace tickerflow {

// No default: the compiler names the enumerator that someone forgot.
std::string to_string(errc x) {
  switch (x) {
    case errc::none: return "none";
    case errc::malformed_record: return "malformed_record";
    case errc::unavailable: return "unavailable";
    case errc::fenced: return "fenced";
    case errc::bad_setting: return "bad_setting";
    case errc::refused: return "refused";
    case errc::newer_schema: return "newer_schema";
    case errc::bad_request: return "bad_request";
    case errc::budget_exhausted: return "budget_exhausted";
    case errc::stale_state: return "stale_state";
    case errc::failed_record: return "failed_record";
    case errc::restarted: return "restarted";
  }
  return "???";
}

caf::error failure(errc code, const std::string& text) {
  return caf::make_error(code, text);
}

std::string text_of(const caf::error& x) {
  if (!x)
    return "no error";
  // Further elements are for programs: an epoch, a refusal.
  if (!x.context().empty() && x.context().match_element<std::string>(0))
    return x.context().get_as<std::string>(0);
  if (x.category() == caf::atom("tickerflow"))
    return to_string(static_cast<errc>(x.code()));
  return caf::to_string(x);
}

} // namespace tickerflow
