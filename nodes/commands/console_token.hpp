#pragma once

#include "io/settings/settings.hpp"
#include "nodes/commands/api_session.hpp"

#include <string>
#include <variant>
#include <vector>

namespace tickerflow {

/// The token that the command line sends: that of the settings, else that of
/// the file they name, else, for a console of this machine, the one that the
/// master or the launcher here has made.
/// @returns an empty text if there is none; a failure if the file that is named
///          cannot be read
std::variant<std::string, api_failure> console_token_of(const settings& x);

/// @returns the folders in which processes of this machine keep things, those
///          of the launcher that ran last first
std::vector<std::string> kept_folders(const std::string& data_dir);

} // namespace tickerflow
