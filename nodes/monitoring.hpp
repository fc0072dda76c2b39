#pragma once

#include "io/monitor_server/monitor_server.hpp"
#include "io/settings/settings.hpp"
#include "messages/errc.hpp"

#include <memory>
#include <optional>
#include <string>

namespace tickerflow {

/// What a process does for the cluster.
struct node_roles {
  bool worker = false;
  bool master = false;
};

/// This process' answers to Prometheus (/metrics) and to probes (/healthz,
/// /readyz), as the setting `metrics_listen` says; none if it is empty. The
/// main actors are those that a `watch_guard` names.
class monitoring {
public:
  /// Errors  bad_setting: the address cannot be listened on
  static caf::expected<std::unique_ptr<monitoring>> start(const settings& x,
                                                          node_roles roles);
  ~monitoring();

  /// What is served, for servers at other addresses: nothing for a path that
  /// there is not. Thread-safe.
  std::optional<monitor_reply> page(const std::string& path) const;

  monitoring(const monitoring&) = delete;
  monitoring& operator=(const monitoring&) = delete;

private:
  struct implementation;
  monitoring();

  std::unique_ptr<implementation> implementation_;
};

/// Starts it for a verb, and tells if that fails.
/// @returns null if it failed
std::unique_ptr<monitoring> start_monitoring(const settings& x,
                                             node_roles roles);

} // namespace tickerflow
