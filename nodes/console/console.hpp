#pragma once

#include "io/settings/settings.hpp"
#include "messages/errc.hpp"

#include <memory>
#include <string>

namespace tickerflow {

class monitoring;

namespace console {

/// The web console of a master, leading or waiting: page, API, live data, as
/// the settings console_* say. It lives as long as the process.
class console {
public:
  /// Errors  bad_setting: an address, a certificate or a token that cannot be
  ///         used
  static caf::expected<std::unique_ptr<console>>
  start(const settings& x, const monitoring& probes);
  ~console();

  console(const console&) = delete;
  console& operator=(const console&) = delete;

  /// @returns where it is for others; empty: nowhere
  std::string url() const;

private:
  struct implementation;
  console();

  std::unique_ptr<implementation> implementation_;
};

/// Starts it for a verb, and tells if that fails.
/// @returns null if it failed
std::unique_ptr<console> start_console(const settings& x,
                                       const monitoring& probes);

} // namespace console

} // namespace tickerflow
