#pragma once

#include "io/postgres/registry.hpp"
#include "io/settings/settings.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace tickerflow {

class leadership;

/// Waits; @returns whether to stop, by now or within the time.
using stop_wait = std::function<bool(std::chrono::milliseconds)>;

/// How a time as the leader ended.
enum class leading_end : std::uint8_t {
  stopped, // as asked for
  lost,    // another master leads, or an actor failed: try again
  failed,  // nothing here would help
};

/// Tells the master's own address to others: what it listens on, but the host's
/// name where that is every address.
std::string advertised_address(const settings& x);

/// Waits until this process leads. Tells once who leads meanwhile.
/// @param patient lets others lead first: waits until one has
/// @returns false if it was stopped
bool wait_to_lead(leadership& hold, bool patient, const stop_wait& stop);

/// Leads until it is stopped or loses: runs coordinator and quota.
/// @pre `hold.campaign()` returned true
leading_end lead(const settings& x, const std::shared_ptr<leadership>& hold,
                 const pipeline_start& start, const stop_wait& stop);

} // namespace tickerflow
