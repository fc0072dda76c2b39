#include "messages/setup.hpp"

#include "messages/coordinator.hpp"

namespace tickerflow {

void add_messages(caf::actor_system_config& cfg) {
  cfg.add_message_types<caf::id_block::tickerflow>();
  cfg.add_message_types<caf::id_block::tickerflow_handles>();
  // Without it CAF 0.17 renders a number instead of the error's name.
  cfg.add_error_category(
      caf::atom("tickerflow"),
      [](std::uint8_t code, caf::atom_value, const caf::message& context) {
        auto name = to_string(static_cast<errc>(code));
        return context.empty() ? name : name + ' ' + to_string(context);
      });
}

void add_node_defaults(caf::actor_system_config& cfg,
                       std::chrono::milliseconds beat_interval,
                       std::chrono::milliseconds dead_after) {
  cfg.set("middleman.heartbeat-interval", caf::timespan{beat_interval});
  cfg.set("middleman.connection-timeout", caf::timespan{dead_after});
  cfg.set("middleman.app-identifiers",
          std::vector<std::string>{protocol_name
                                   + std::to_string(node_protocol)});
  cfg.set("scheduler.max-throughput", size_t{50});
}

} // namespace tickerflow
