#pragma once

#include "messages/budget.hpp"

#include <optional>
#include <string>

namespace tickerflow {

/// Tells the class of a refusal by its words.
///
/// Shape   the text behind Information, Note, Error Message or message
/// Errors  nothing if the words match nothing known
/// Source  the refusals recorded from 2017 to 2026; the order of the checks
///         matters: the texts of burst and daily name the same daily limit
std::optional<refusal_class> classify_refusal(const std::string& text);

/// Tells the class by the status of an answer whose words say nothing.
/// @returns nothing for 200
std::optional<refusal_class> classify_status(unsigned status);

} // namespace tickerflow
