#include "nodes/read_settings.hpp"

#include "io/log/log.hpp"
#include "io/log/redact.hpp"
#include "nodes/node_link.hpp"

#include <spdlog/spdlog.h>

#include <iostream>

namespace tickerflow {

std::optional<settings> read_settings(const flag_values& flags) {
  auto result = load_settings(flags, process_environment());
  if (auto fault = std::get_if<settings_error>(&result)) {
    std::cerr << fault->text << '\n';
    return std::nullopt;
  }
  auto& x = std::get<settings>(result);
  if (auto fault = link_fault(x)) {
    std::cerr << *fault << '\n';
    return std::nullopt;
  }
  register_secrets(secrets_of(x));
  setup_log(x.log.level, x.log.format);
  for (auto& note : x.notes)
    spdlog::warn("event=setting_questioned reason=\"{}\"", note);
  return std::move(x);
}

} // namespace tickerflow
