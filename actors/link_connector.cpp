#include "actors/link_connector.hpp"

#include "io/node_link/greeting.hpp"
#include "io/node_link/handshake_probe.hpp"
#include "messages/errc.hpp"

#include <caf/all.hpp>

namespace tickerflow {

namespace {

constexpr std::chrono::seconds answer_timeout{10};
constexpr std::chrono::milliseconds probe_patience{500};

/// Looks at a failed handshake once, then ends; detached, for it blocks.
using explainer_actor = caf::typed_actor<
    caf::replies_to<std::string, std::uint16_t>::with<std::string>>;

explainer_actor::behavior_type explainer(explainer_actor::pointer self,
                                         certificate_files files) {
  return {[self, files](const std::string& host, std::uint16_t port) {
    self->quit();
    return explain_handshake({host, port}, files, probe_patience);
  }};
}

std::string words_for(const caf::error& x, const std::string& peer) {
  if (x == caf::sec::connection_timeout)
    return peer + " took the connection and did not greet in time";
  if (x == caf::sec::incompatible_application_ids)
    return explain_protocol(peer);
  return text_of(x);
}

} // namespace

link_connector_actor::behavior_type link_connector(
    observed_pointer<link_connector_actor, link_connector_state> self,
    caf::io::middleman_actor middleman, certificate_files files) {
  using answer =
      caf::typed_response_promise<caf::node_id, caf::strong_actor_ptr,
                                  std::set<std::string>>;
  auto explain = [self, files](answer promise, const std::string& host,
                               std::uint16_t port) {
    auto deliver = [self, promise](const std::string& words) mutable {
      self->state.last_failure = words;
      promise.deliver(failure(errc::unavailable, words));
    };
    self->request(self->spawn<caf::detached>(explainer, files), answer_timeout,
                  host, port)
        .then(deliver, [deliver](caf::error& reason) mutable {
          deliver(text_of(reason));
        });
  };
  return {
      [=](caf::connect_atom atom, const std::string& host, std::uint16_t port) {
        auto promise =
            self->make_response_promise<caf::node_id, caf::strong_actor_ptr,
                                        std::set<std::string>>();
        ++self->state.attempts;
        self->state.last_peer = to_string(endpoint{host, port});
        self->request(middleman, answer_timeout, atom, host, port)
            .then(
                [self, promise](caf::node_id& node,
                                caf::strong_actor_ptr& found,
                                std::set<std::string>& interface) mutable {
                  self->state.last_failure.clear();
                  promise.deliver(std::move(node), std::move(found),
                                  std::move(interface));
                },
                [=](caf::error& reason) mutable {
                  if (reason == caf::sec::disconnect_during_handshake) {
                    explain(promise, host, port);
                    return;
                  }
                  auto words =
                      words_for(reason, to_string(endpoint{host, port}));
                  self->state.last_failure = words;
                  promise.deliver(failure(errc::unavailable, words));
                });
        return promise;
      }};
}

} // namespace tickerflow
