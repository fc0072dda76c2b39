#include "nodes/monitoring.hpp"

#include "actors/node_facts.hpp"
#include "nodes/metric_page.hpp"
#include "nodes/watched_actor.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

using namespace std::chrono_literals;

/// An actor that is silent for longer hangs.
constexpr auto silence_limit = 10s;

/// One sentence of an answer, and whether it is good news.
struct finding {
  bool good = false;
  std::string text;
};

template <class Report>
bool answers(const last_report<Report>& x) {
  // An actor that has ended has no later report.
  return x.watched && x.age < silence_limit
         && (x.value || x.silence != text_of(caf::sec::request_receiver_down));
}

template <class Report>
finding alive(const std::string& actor, const last_report<Report>& x) {
  if (!x.watched)
    return {true, "the " + actor + " is not running (yet)"};
  if (answers(x))
    return {true, "the " + actor + " answers"};
  return {false, fmt::format("the {} has not answered for {} s: {}", actor,
                             x.age.count() / 1000, x.silence)};
}

monitor_reply reply_of(const std::vector<finding>& findings) {
  monitor_reply result;
  for (auto& x : findings) {
    if (!x.good)
      result.status = 503;
    result.body += (x.good ? "ok: " : "NOT OK: ") + x.text + '\n';
  }
  return result;
}

auto supervisor_report() {
  return watched_actor<node_report>::instance().read();
}

auto coordinator_report() {
  return watched_actor<cluster_status>::instance().read();
}

} // namespace

struct monitoring::implementation {
  implementation(const settings& x, node_roles y)
      : roles(y), dependencies(x),
        interval(std::chrono::seconds{x.api.interval}) {}

  std::optional<monitor_reply> page(const std::string& path) {
    if (path == "/metrics")
      return metrics();
    if (path == "/healthz")
      return health();
    if (path == "/readyz")
      return readiness();
    return std::nullopt;
  }

  monitor_reply health() const {
    std::vector<finding> result;
    if (roles.worker)
      result.push_back(alive("supervisor", supervisor_report()));
    if (roles.master)
      result.push_back(alive("coordinator", coordinator_report()));
    return reply_of(result);
  }

  monitor_reply readiness() {
    auto found = dependencies.look(2s);
    std::vector<finding> result;
    auto add = [&](const dependency_state& x) {
      auto name = x.name == "kafka" ? "Kafka" : "PostgreSQL";
      result.push_back({x.up, x.up ? fmt::format("{} answers", name)
                                   : fmt::format("{}: {}", name, x.reason)});
    };
    if (roles.worker) {
      auto supervisor = supervisor_report();
      if (answers(supervisor) && node_facts::instance().registered)
        result.push_back({true, "the worker is registered with the master"});
      else if (answers(supervisor))
        result.push_back({false, "the worker is not registered with a master "
                                 "that leads"});
      else
        result.push_back({false, "the supervisor does not answer"});
      for (auto& x : found)
        add(x);
    }
    if (!roles.master)
      return reply_of(result);
    auto coordinator = coordinator_report();
    if (coordinator.watched) {
      auto good = answers(coordinator);
      result.push_back({good, good ? "this master leads"
                                   : "the coordinator does not answer"});
    } else if (node_facts::instance().waits_to_lead) {
      result.push_back({true, "this master waits to lead"});
      if (!roles.worker)
        for (auto& x : found)
          if (x.name == "postgres")
            add(x);
    } else {
      result.push_back({false, "this master starts: it needs Kafka and "
                               "PostgreSQL once"});
    }
    return reply_of(result);
  }

  monitor_reply metrics() {
    auto supervisor = supervisor_report();
    auto coordinator = coordinator_report();
    auto& board = actor_board::instance();
    auto& facts = node_facts::instance();
    metric_facts x;
    x.up = alive("", supervisor).good && alive("", coordinator).good;
    x.now = std::chrono::system_clock::now();
    x.actors = board.actors();
    x.kinds = board.kinds();
    x.queues = board.queues();
    x.dependencies = dependencies.look(0s);
    x.worker = roles.worker;
    x.registered = facts.registered;
    x.fenced = facts.fenced;
    x.interval = interval;
    x.report = std::move(supervisor.value);
    x.report_age = supervisor.age;
    x.master = roles.master;
    x.leading = coordinator.watched;
    x.cluster = std::move(coordinator.value);
    x.cluster_age = coordinator.age;
    std::lock_guard guard{mutex};
    return {200, pages.text(x)};
  }

  node_roles roles;
  dependency_watch dependencies;
  std::chrono::seconds interval;
  std::mutex mutex;
  metric_page pages;
  std::unique_ptr<monitor_server> server; // last: it calls the rest
};

monitoring::monitoring() = default;

monitoring::~monitoring() = default;

caf::expected<std::unique_ptr<monitoring>> monitoring::start(const settings& x,
                                                             node_roles roles) {
  std::unique_ptr<monitoring> result{new monitoring};
  result->implementation_ = std::make_unique<implementation>(x, roles);
  auto& address = x.metrics_listen;
  if (!address)
    return result;
  auto own = result->implementation_.get();
  monitor_server_options options;
  options.host = address->host;
  options.port = address->port;
  auto server = monitor_server::start(
      options, [own](const std::string& path) { return own->page(path); });
  if (!server)
    return std::move(server.error());
  own->server = std::move(*server);
  spdlog::info("event=metrics_served address={}", to_string(*address));
  return result;
}

std::optional<monitor_reply> monitoring::page(const std::string& path) const {
  return implementation_->page(path);
}

std::unique_ptr<monitoring> start_monitoring(const settings& x,
                                             node_roles roles) {
  auto result = monitoring::start(x, roles);
  if (result)
    return std::move(*result);
  spdlog::error("event=metrics_not_served reason=\"{}\"",
                text_of(result.error()));
  return nullptr;
}

} // namespace tickerflow
