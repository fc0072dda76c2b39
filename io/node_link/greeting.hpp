#pragma once

#include <string>
#include <string_view>

namespace tickerflow {

/// Remembers which protocol the node speaks that this process connected to
/// last: CAF refuses another one without telling which it is.
/// @param bytes of its greeting
void note_greeting(std::string_view bytes);

/// Says why a node that greeted a moment ago is refused, and what to do.
/// @param peer its address, for people
std::string explain_protocol(const std::string& peer);

} // namespace tickerflow
