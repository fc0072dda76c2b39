#include "nodes/node_link.hpp"

#include "actors/link_connector.hpp"
#include "io/certificates/certificate_check.hpp"
#include "io/node_link/link_middleman.hpp"
#include "io/reach/reach.hpp"
#include "messages/errc.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <ctime>

namespace tickerflow {

namespace {

constexpr std::int64_t day_s = 24 * 60 * 60;
constexpr std::chrono::seconds answer_timeout{5};

bool encrypts(const settings& x) { return !x.cluster.tls_cert.empty(); }

certificate_files files_of(const settings& x) {
  return {x.cluster.tls_cert, x.cluster.tls_key, x.cluster.tls_ca};
}

} // namespace

std::optional<std::string> link_fault(settings& x) {
  if (!encrypts(x))
    return std::nullopt;
  auto facts = check_certificates(files_of(x));
  if (!facts)
    return text_of(facts.error());
  auto days_left = (facts->ends_s - std::time(nullptr)) / day_s;
  if (days_left < 30)
    x.notes.push_back("tls_cert \"" + x.cluster.tls_cert + "\" ends on "
                      + date_text(facts->ends_s) + ", in "
                      + std::to_string(days_left)
                      + " days: make a new one (\"tickerflow certs --force "
                      + facts->name + "\")");
  return std::nullopt;
}

std::optional<std::string> listen_fault(const settings& x) {
  auto address = to_string(x.cluster.listen);
  if (encrypts(x) || is_loopback(x.cluster.listen.host))
    return std::nullopt;
  if (!x.cluster.insecure_links)
    return "listen = \"" + address
           + "\" is open to other machines, and without certificates whoever "
             "reaches it can stop the cluster or lead it astray: make some "
             "(\"tickerflow certs\") and set tls_cert, tls_key and tls_ca, or "
             "listen on 127.0.0.1; insecure_links = true "
             "(TICKERFLOW_INSECURE_LINKS) allows it, for a private network "
             "only";
  spdlog::warn("event=links_not_encrypted listen={} hint=\"whoever reaches it "
               "can stop the cluster: tls_cert, tls_key and tls_ca change "
               "that\"",
               address);
  return std::nullopt;
}

void prepare_links(caf::actor_system_config& cfg, const settings& x) {
  if (encrypts(x))
    encrypt_links(cfg, files_of(x));
}

node_link::node_link(caf::actor_system& system)
    : system_(system), middleman_(spawn_link_middleman(system)),
      connector_(system.spawn(link_connector, middleman_, link_files(system))) {
}

node_link::~node_link() {
  caf::scoped_actor self{system_, true};
  self->send_exit(connector_, caf::exit_reason::kill);
  self->send_exit(middleman_, caf::exit_reason::kill);
  self->wait_for(connector_, middleman_);
}

caf::expected<std::uint16_t> node_link::publish(const coordinator_actor& x,
                                                const endpoint& address) {
  caf::expected<std::uint16_t> result{std::uint16_t{0}};
  caf::scoped_actor self{system_, true};
  self->request(middleman_, answer_timeout, caf::publish_atom_v, address.port,
                caf::actor_cast<caf::strong_actor_ptr>(x),
                system_.message_types(x), address.host, true)
      .receive([&](std::uint16_t port) { result = port; },
               [&](caf::error& reason) { result = std::move(reason); });
  return result;
}

void node_link::unpublish(const coordinator_actor& x, std::uint16_t port) {
  caf::scoped_actor self{system_, true};
  self->request(middleman_, answer_timeout, caf::unpublish_atom_v, x.address(),
                port)
      .receive([] {},
               [&](const caf::error& reason) {
                 spdlog::warn("event=unpublish_failed port={} reason=\"{}\"",
                              port, text_of(reason));
               });
}

} // namespace tickerflow
