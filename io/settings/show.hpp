#pragma once

#include "io/settings/settings.hpp"

#include <string>

namespace tickerflow {

/// A table for people: key, value, where it came from, in groups, then notes.
/// Secrets are masked.
std::string show_text(const settings& x);

/// The same as one JSON object {"settings": [{key, group, value, secret,
/// source, place}], "notes": []}. Secrets are masked.
std::string show_json(const settings& x);

} // namespace tickerflow
