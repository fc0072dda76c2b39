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

actor_end end_of(const caf::error& reason) {
  if (!reason || reason.category() == caf::atom("exit"))
    return {};
  // Being fenced or told to end is no failure.
  auto failed = reason != errc::fenced && reason != errc::restarted;
  return {text_of(reason), failed};
}

caf::error restart_error() {
  return failure(errc::restarted, "restarted by an operator");
}

void note_supervisor(const caf::strong_actor_ptr& x, std::uint64_t by) {
  auto known = x ? dynamic_cast<observable*>(x->get()) : nullptr;
  if (!known)
    return; // a test's
  actor_board::instance().supervised(*known->counters(), by);
}

void handling_time::look(const caf::mailbox_element& x,
                         std::uint32_t attention) {
  counters_.calm(began_, actor_board::instance().flow_until());
  attention &= actor_counters::watched | actor_counters::flowing;
  if (attention == 0)
    return; // an order is on its way
  watch = counters_.watch().get();
  watch->begin(x, (attention & actor_counters::watched) != 0);
}

} // namespace tickerflow
