#pragma once

// Private to the table.

#include "io/settings/declaration.hpp"

namespace tickerflow {

// The verbs that use a setting, as the table's parts name them.
constexpr auto fetching = verb_kind::run | verb_kind::worker;
constexpr auto leading = verb_kind::run | verb_kind::demo | verb_kind::master;
constexpr auto nodes = leading | verb_kind::worker;
constexpr auto brokers = nodes | verb_kind::status | verb_kind::simulate;
constexpr auto databases = nodes | verb_kind::status | verb_kind::migrate;
constexpr auto everything = brokers | verb_kind::migrate;
/// Those that talk to other nodes.
constexpr auto linked = nodes | verb_kind::status;

/// The settings of batches and of a process itself, a part of setting_table().
std::vector<setting> process_entries();

} // namespace tickerflow
