#include "messages/budget.hpp"

namespace tickerflow {

std::string to_string(refusal_class x) {
  switch (x) {
    case refusal_class::burst: return "burst";
    case refusal_class::per_minute: return "per_minute";
    case refusal_class::daily: return "daily";
    case refusal_class::premium: return "premium";
    case refusal_class::bad_key: return "bad_key";
    case refusal_class::bad_call: return "bad_call";
    case refusal_class::bad_function: return "bad_function";
    case refusal_class::no_bars: return "no_bars";
    case refusal_class::unavailable: return "unavailable";
    case refusal_class::unknown: return "unknown";
  }
  return "???";
}

} // namespace tickerflow
