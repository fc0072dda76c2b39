#include "nodes/console/console.hpp"

#include "actors/node_introspection.hpp"
#include "io/log/redact.hpp"
#include "io/postgres/leader_view.hpp"
#include "io/settings/machine_defaults.hpp"
#include "io/web_server/web_server.hpp"
#include "nodes/console/api.hpp"
#include "nodes/console/leader_seat.hpp"
#include "nodes/console/live.hpp"
#include "nodes/console/tokens.hpp"
#include "nodes/monitoring.hpp"
#include "nodes/process.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

namespace tickerflow::console {

namespace {

using steady = std::chrono::steady_clock;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

std::string url_of(const console_settings& x, std::uint16_t port) {
  auto place = advertised(*x.listen);
  place.port = port;
  return (x.certificate.empty() ? "http://" : "https://") + to_string(place);
}

caf::expected<access_options> doors_of(const console_settings& x,
                                       const std::string& data_dir,
                                       console_token& token) {
  access_options result;
  if (x.token_file.empty()) {
    auto kept = keep_token(data_dir + "/console.token");
    if (!kept)
      return std::move(kept.error());
    token = std::move(*kept);
  } else {
    auto text = read_token(x.token_file);
    if (!text)
      return std::move(text.error());
    token.text = std::move(*text);
    token.file = x.token_file;
  }
  result.operator_token = token.text;
  register_secret(token.text);
  if (!x.viewer_token_file.empty()) {
    auto text = read_token(x.viewer_token_file);
    if (!text)
      return std::move(text.error());
    if (*text == token.text)
      return failure(errc::bad_setting,
                     "the viewers' token is the operator's: they have to "
                     "differ (console_viewer_token_file)");
    register_secret(*text);
    result.viewer_token = std::move(*text);
  }
  result.hosts = {"localhost", "127.0.0.1", "::1", host_in(x.listen->host),
                  host_in(host_name())};
  for (auto& host : x.hosts)
    result.hosts.insert(host_in(host));
  // No name can be bent to us by an address.
  result.any_address = !is_loopback(x.listen->host);
  return result;
}

view_settings view_of(const settings& x) {
  view_settings result;
  result.version = TICKERFLOW_VERSION;
  result.tickers = x.tickers.size();
  result.interval = x.api.interval;
  result.dead_after_ms = x.cluster.dead_after.count();
  result.rules.poll_interval =
      std::chrono::duration_cast<std::chrono::seconds>(x.api.poll_interval);
  if (x.api.entitlement == "delayed")
    result.rules.plan_delay = std::chrono::minutes{15};
  result.rules.own_clock =
      x.api.url.find("alphavantage.co") == std::string::npos
      && x.api.url.find("rapidapi") == std::string::npos;
  return result;
}

resource_options things_of(const settings& x) {
  resource_options result;
  result.node = x.cluster.node;
  result.postgres_dsn = x.postgres.dsn;
  result.kafka = kafka_options_of(x);
  result.topic_raw = x.kafka.topic_raw;
  result.view = view_of(x);
  return result;
}

/// Where the leader's console is, asked for every two seconds at most.
class leader_address {
public:
  explicit leader_address(std::string dsn) : view_(std::move(dsn)) {}

  std::string get() {
    std::lock_guard guard{mutex_};
    if (steady::now() - asked_ > std::chrono::seconds{2}) {
      auto told = view_.console();
      known_ = told ? *told : std::string{};
      asked_ = steady::now();
    }
    return known_;
  }

private:
  std::mutex mutex_;
  leader_view view_;
  std::string known_;
  steady::time_point asked_{};
};

std::optional<web_reply> probe_reply(const monitoring& probes,
                                     const std::string& path) {
  if (path != "/healthz" && path != "/readyz")
    return std::nullopt;
  auto x = probes.page(path);
  if (!x)
    return std::nullopt;
  return web_reply{x->status, "text/plain; charset=utf-8", x->body,
                   api_headers};
}

} // namespace

struct console::implementation {
  implementation(const settings& x, access_options doors_options,
                 const monitoring& probes)
      : doors(std::move(doors_options)), self(x.cluster.node),
        cluster(x.cluster.node, own_answers()),
        things(things_of(x), cluster, log), leader(x.postgres.dsn),
        watchers({[this](auto& path, auto& query) {
                    return entry.watched(path, query);
                  },
                  [this](auto& who) { return still_in(who); }}),
        entry(entry_options(x, probes), doors, things, watchers, log) {}

  own_process own_answers() {
    own_process result;
    result.snapshot = [this](bool flow) { return self.snapshot(flow); };
    result.inspect = [this](std::uint64_t x) { return self.inspect(x); };
    result.logs = [this](std::uint64_t x) { return self.logs(x); };
    result.restart = [this](std::uint64_t x) { return self.restart(x); };
    return result;
  }

  api_options entry_options(const settings& x, const monitoring& probes) {
    api_options result;
    result.version = TICKERFLOW_VERSION;
    result.node = x.cluster.node;
    result.leads = [] { return leader_seat::instance().taken(); };
    result.leader = [this] { return leader.get(); };
    result.probe = [&probes](const std::string& path) {
      return probe_reply(probes, path);
    };
    return result;
  }

  bool still_in(const caller& x) {
    return x.session_id.empty()
           || doors.sessions().find(x.session_id,
                                    std::chrono::system_clock::now());
  }

  audit log;
  access_rules doors;
  node_introspection self;
  hub cluster;
  resources things;
  leader_address leader;
  live watchers;
  api entry;
  std::string url;
  std::unique_ptr<web_server> server; // last: it calls the rest
};

console::console() = default;

console::~console() = default;

std::string console::url() const {
  return implementation_ ? implementation_->url : std::string{};
}

caf::expected<std::unique_ptr<console>>
console::start(const settings& x, const monitoring& probes) {
  std::unique_ptr<console> result{new console};
  auto& wanted = x.console;
  if (!wanted.listen)
    return result;
  if (wanted.certificate.empty() != wanted.key.empty())
    return failure(errc::bad_setting, "console_certificate and console_key "
                                      "belong together: give both or none");
  console_token token;
  auto doors = doors_of(wanted, x.data_dir, token);
  if (!doors)
    return std::move(doors.error());
  auto own = std::make_unique<implementation>(x, std::move(*doors), probes);
  web_server_options options;
  options.host = wanted.listen->host;
  options.port = wanted.listen->port;
  options.certificate = wanted.certificate;
  options.key = wanted.key;
  web_handlers handlers;
  handlers.answer = [p = own.get()](auto& y) { return p->entry.answer(y); };
  handlers.open_socket = [p = own.get()](auto& y) {
    return p->entry.open_socket(y);
  };
  handlers.refuse = [](unsigned status, const std::string& detail) {
    return reply_of(
        problem{status, status == 429 ? "too_many" : "about:blank", detail});
  };
  auto server = web_server::start(options, std::move(handlers));
  if (!server) {
    if (!is_default(x, "console_listen"))
      return std::move(server.error());
    // Nobody asked for this very port: another master of this machine has it.
    spdlog::warn("event=console_not_served reason=\"{}\" hint=\"give another "
                 "--console-listen, or off\"",
                 text_of(server.error()));
    return result;
  }
  own->server = std::move(*server);
  own->url = url_of(wanted, own->server->port());
  spdlog::info("event=console_served url={} token_file={}", own->url,
               token.file.empty() ? "none" : token.file);
  if (!is_loopback(wanted.listen->host) && wanted.certificate.empty())
    spdlog::warn("event=console_not_encrypted hint=\"tokens can be read on the "
                 "way: give console_certificate and console_key, or put a "
                 "proxy with TLS before it\"");
  // Not by the log: it is kept and shown to viewers. Where nobody reads along,
  // only if there is no file that tells it.
  if (::isatty(STDERR_FILENO) == 1 || token.file.empty())
    fmt::print(stderr, "console: {}/#token={}\n", own->url, token.text);
  result->implementation_ = std::move(own);
  return result;
}

std::unique_ptr<console> start_console(const settings& x,
                                       const monitoring& probes) {
  auto result = console::start(x, probes);
  if (result)
    return std::move(*result);
  spdlog::error("event=console_not_served reason=\"{}\"",
                text_of(result.error()));
  return nullptr;
}

} // namespace tickerflow::console
