#pragma once

#include "io/settings/settings.hpp"
#include "messages/coordinator.hpp"

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <functional>

namespace tickerflow {

constexpr std::chrono::seconds master_answer_timeout{5};

/// What the command line has to ask of the master; its error is told to the
/// user.
using master_question = std::function<caf::error(
    caf::scoped_actor& self, const coordinator_actor& master)>;

/// Finds the master that leads among those in the settings and asks it.
/// @returns the exit code; whatever went wrong is told on stderr
int ask_master(const settings& x, const master_question& question);

} // namespace tickerflow
