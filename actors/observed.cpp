#include "actors/observed.hpp"

#include "messages/errc.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

std::string what(const std::exception_ptr& x) {
  try {
    std::rethrow_exception(x);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

} // namespace

caf::error exception_error(const actor_counters& actor, std::exception_ptr x) {
  auto text = what(x);
  spdlog::error("event=actor_failed actor={} reason=\"{}\"",
                actor_board::instance().describe(actor), text);
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

std::string failure_text(const caf::error& reason) {
  // Being fenced or told to end is no failure.
  if (!reason || reason.category() == caf::atom("exit")
      || reason == errc::fenced)
    return {};
  return text_of(reason);
}

} // namespace tickerflow
