#pragma once

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/make_message.hpp> // for CAF_ERROR_CODE_ENUM

#include <string>

namespace tickerflow {

/// What can go wrong at run time. Each says what the receiver has to do.
enum class errc : std::uint8_t {
  /// Not an error; CAF reserves 0.
  none = 0,
  /// The record does not parse: dead-letter it, go on, never retry.
  malformed_record,
  /// The broker, the database or the API is away: retry with backoff.
  unavailable,
  /// A newer epoch owns the shard: stop, the work is someone else's.
  fenced,
  /// A setting cannot work as it is: stop and tell the user.
  bad_setting,
  /// The server refuses our name, password, key or rights: tell the user,
  /// retry slowly, for only a person can change it.
  refused,
  /// The database was made by a newer program: stop and tell the user.
  newer_schema,
  /// The request itself is wrong (unknown symbol, premium feature): do not
  /// repeat it as it is.
  bad_request,
  /// The API's budget is used up: wait until the time that the text names.
  budget_exhausted,
  /// The state here and in the database disagree: rebuild it from there.
  stale_state,
  /// An aggregator failed at one record, and that is counted in the database:
  /// start another, which knows.
  failed_record,
  /// An operator wanted it to end: start another at once, it is no failure.
  restarted,
};

std::string to_string(errc x);

/// Makes an error whose text says what happened, why, and what to do.
caf::error failure(errc code, const std::string& text);

/// @returns the text that an error begins with, as `failure` makes it; else its
///          code's name
std::string text_of(const caf::error& x);

} // namespace tickerflow

CAF_ERROR_CODE_ENUM(tickerflow::errc, "tickerflow")
