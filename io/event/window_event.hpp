#pragma once

#include "market/ticker_book.hpp"

#include <string>

namespace tickerflow {

/// Writes a window as an event of the processed topic.
///
/// Shape   one JSON object, see messages/processed_event.schema.json;
///         (symbol, interval, session, start, revision) tells doubles apart
/// Units   prices as exact decimals; RFC 3339 UTC; shares
std::string encode_window_event(const window_change& x);

} // namespace tickerflow
