#include "actors/introspector.hpp"

#include "actors/node_introspection.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

introspector_actor::behavior_type
introspector(observed_pointer<introspector_actor, introspector_state> self,
             std::shared_ptr<node_introspection> node) {
  auto& state = self->state;
  state.node = std::move(node);
  return {
      [&state](snapshot_atom, bool flow) { return state.node->snapshot(flow); },
      [&state](inspect_atom,
               std::uint64_t serial) -> caf::result<actor_detail> {
        auto result = state.node->inspect(serial);
        if (!result)
          return std::move(result.error());
        return std::move(*result);
      },
      [&state](logs_atom, std::uint64_t after) {
        return state.node->logs(after);
      },
      [&state](restart_atom, std::uint64_t serial) -> caf::result<std::string> {
        auto result = state.node->restart(serial);
        if (!result)
          return std::move(result.error());
        spdlog::info("event=restart_ordered serial={} told=\"{}\"", serial,
                     *result);
        return std::move(*result);
      },
  };
}

} // namespace tickerflow
