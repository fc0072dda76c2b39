#include "nodes/stack.hpp"

#include "io/local_servers/embedded_kafka.hpp"
#include "io/local_servers/kafka_server.hpp"
#include "io/local_servers/ports.hpp"
#include "io/local_servers/postgres_server.hpp"
#include "io/settings/declaration.hpp"
#include "io/settings/parse.hpp"
#include "nodes/console/tokens.hpp"
#include "nodes/process.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

namespace tickerflow {

namespace {

using clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

const std::vector<std::string> demo_tickers{
    "TSLA", "MSFT", "GOOGL", "AAPL", "AMD",  "AMZN",
    "BA",   "GOOG", "NVDA",  "IBM",  "INTC", "NFLX",
};

constexpr int most_restarts = 5;

void say(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

std::string variable_of(const std::string& key) {
  std::string result = "TICKERFLOW_";
  for (unsigned char c : key)
    result += static_cast<char>(std::toupper(c));
  return result;
}

} // namespace

stack::stack(const settings& x, launch_options options, std::string folder)
    : settings_(x), options_(std::move(options)), folder_(std::move(folder)) {
  tickers_ =
      options_.simulate && is_default(x, "tickers") ? demo_tickers : x.tickers;
}

stack::~stack() { stop(); }

std::string stack::log_of(const std::string& name) const {
  return folder_ + "/logs/" + name + ".log";
}

/// Made once for each data folder, readable by its owner only.
std::string stack::database_password() {
  auto path = fs::path{folder_} / "postgres.password";
  std::string result;
  if (std::ifstream file{path}; std::getline(file, result) && !result.empty())
    return result;
  std::random_device random;
  constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
  for (int i = 0; i < 20; ++i)
    result += letters[random() % letters.size()];
  auto before = ::umask(077);
  std::ofstream{path} << result << '\n';
  ::umask(before);
  return result;
}

caf::error stack::start() {
  fs::create_directories(folder_ + "/logs");
  if (auto error = start_servers())
    return error;
  if (auto error = wait_until_ready())
    return error;
  return start_nodes();
}

caf::error stack::start_servers() {
  if (options_.own_kafka && !options_.embedded_kafka
      && !kafka_server::have_java()) {
    say("no Java here: using librdkafka's embedded broker, whose records are "
        "lost at the end (apt-get install default-jre-headless maven for "
        "Apache Kafka)");
    options_.embedded_kafka = true;
  }
  if (!options_.own_kafka) {
    brokers_ = settings_.kafka.brokers;
  } else if (options_.embedded_kafka) {
    auto shards = settings_.kafka.shards;
    auto server =
        embedded_kafka::start({{settings_.kafka.topic_raw, shards},
                               {settings_.kafka.topic_processed, shards},
                               {settings_.kafka.topic_alerts, 1},
                               {settings_.kafka.topic_dead_letters, 1}});
    if (!server)
      return server.error();
    embedded_ = std::move(*server);
    brokers_ = embedded_->brokers();
  } else {
    auto cache = kafka_server::default_cache();
    if (auto error = kafka_server::fetch(cache, say))
      return error;
    kafka_server_options options;
    options.data_dir = folder_ + "/kafka";
    options.cache_dir = cache;
    options.port = preferred_or_free(9094);
    auto server = kafka_server::start(options);
    if (!server)
      return server.error();
    kafka_ = std::move(*server);
    brokers_ = kafka_->brokers();
  }
  if (!options_.own_postgres) {
    dsn_ = settings_.postgres.dsn;
    return caf::none;
  }
  postgres_server_options options;
  options.data_dir = folder_ + "/postgres";
  options.port = preferred_or_free(5434);
  options.password = database_password();
  auto server = postgres_server::start(options);
  if (!server)
    return server.error();
  postgres_ = std::move(*server);
  dsn_ = postgres_->dsn();
  return caf::none;
}

caf::error stack::wait_until_ready() {
  auto start = clock::now();
  auto waits_for_kafka = kafka_ != nullptr;
  auto waits_for_postgres = postgres_ != nullptr;
  if (waits_for_kafka || waits_for_postgres)
    say("starting servers ...");
  while (waits_for_kafka || waits_for_postgres) {
    if (stop_requested(std::chrono::milliseconds{100})) {
      interrupted_ = true;
      return failure(errc::unavailable, "interrupted");
    }
    if (waits_for_postgres && postgres_->ready()) {
      waits_for_postgres = false;
      say(fmt::format("  PostgreSQL is ready ({:.1f} s)",
                      seconds_since(start)));
    }
    if (waits_for_kafka && kafka_->ready()) {
      waits_for_kafka = false;
      say(fmt::format("  Kafka is ready ({:.1f} s)", seconds_since(start)));
    }
    auto dead = [](const std::string& name, child_process& process,
                   const std::string& log) {
      return failure(errc::unavailable, name + " ended: " + process.exit_text()
                                            + "; the end of " + log + ":\n"
                                            + tail_of(log, 10));
    };
    if (waits_for_kafka && !kafka_->process().running())
      return dead("Kafka", kafka_->process(), kafka_->process().log_file());
    if (waits_for_postgres && !postgres_->process().running())
      return dead("PostgreSQL", postgres_->process(),
                  postgres_->process().log_file());
    if (seconds_since(start) > 90)
      return failure(errc::unavailable,
                     std::string{waits_for_kafka ? "Kafka" : "PostgreSQL"}
                         + " did not become ready within 90 s (see " + folder_
                         + "/logs)");
  }
  return caf::none;
}

/// The token is made here, so that it can be shown and the command line on this
/// machine finds it.
caf::error stack::prepare_console() {
  auto place = settings_.console.listen;
  if (!place)
    return caf::none;
  if (is_default(settings_, "console_listen"))
    place->port = preferred_or_free(place->port);
  console_listen_ = to_string(*place);
  console_token_file_ = settings_.console.token_file;
  if (console_token_file_.empty())
    console_token_file_ = folder_ + "/console.token";
  auto token = console::keep_token(console_token_file_);
  if (!token)
    return std::move(token.error());
  auto encrypted = !settings_.console.certificate.empty();
  console_link_ = (encrypted ? "https://" : "http://") + console_listen_
                  + "/#token=" + token->text;
  return caf::none;
}

std::map<std::string, std::string> stack::node_environment() const {
  std::map<std::string, std::string> result;
  // What the user set goes on to the nodes, by environment: flags are seen by
  // everybody on the machine.
  for (auto& value : settings_.values)
    if (value.origin.from != setting_origin::source::built_in)
      result[variable_of(value.declared->key)] = value.text;
  std::string tickers;
  for (auto& x : tickers_)
    tickers += (tickers.empty() ? "" : ",") + x;
  auto address = "127.0.0.1:" + std::to_string(master_port_);
  result["TICKERFLOW_TICKERS"] = tickers;
  result["TICKERFLOW_KAFKA"] = brokers_;
  result["TICKERFLOW_POSTGRES"] = dsn_;
  result["TICKERFLOW_LISTEN"] = address;
  result["TICKERFLOW_MASTER"] = address;
  result["TICKERFLOW_METRICS_LISTEN"] = "off"; // one port is not for all nodes
  if (!console_link_.empty()) {
    result["TICKERFLOW_CONSOLE_LISTEN"] = console_listen_;
    result["TICKERFLOW_CONSOLE_TOKEN_FILE"] = console_token_file_;
  }
  if (embedded_)
    result["TICKERFLOW_RESET_OFFSETS"] = "true"; // its records are new ones
  if (!options_.simulate)
    return result;
  auto unless_set = [&](const char* key, const char* value) {
    if (is_default(settings_, key))
      result[variable_of(key)] = value;
  };
  result["TICKERFLOW_API_URL"] = api_url_;
  result["TICKERFLOW_API_KEY"] = "SIMULATORDEMOKEY";
  for (auto alias : {"API_KEY", "ALPHA_VANTAGE_API_KEY"})
    result[alias] = ""; // a real key has no business with the simulator
  unless_set("api_calls_per_minute", "0");
  unless_set("api_calls_per_day", "0");
  unless_set("interval", "1min");
  unless_set("poll_interval", "1s");
  return result;
}

caf::error stack::start_node(node& x) {
  auto program = fs::read_symlink("/proc/self/exe").string();
  child_options options;
  options.name = x.name;
  options.command = {program};
  options.command.insert(options.command.end(), x.arguments.begin(),
                         x.arguments.end());
  options.environment = x.environment;
  options.log_file = log_of(x.name);
  auto process = child_process::start(options);
  if (!process)
    return process.error();
  x.process = std::move(*process);
  x.started = clock::now();
  return caf::none;
}

caf::error stack::start_nodes() {
  master_port_ = settings_.cluster.listen.port;
  if (!port_is_free(master_port_))
    master_port_ = free_port();
  auto add = [this](std::string name, std::string what,
                    std::vector<std::string> arguments,
                    std::map<std::string, std::string> environment) {
    auto x = std::make_unique<node>();
    x->name = std::move(name);
    x->what = std::move(what);
    x->arguments = std::move(arguments);
    x->environment = std::move(environment);
    auto error = start_node(*x);
    nodes_.push_back(std::move(x));
    return error;
  };
  if (auto error = prepare_console())
    return error;
  say("starting nodes ...");
  if (options_.simulate) {
    auto port = preferred_or_free(8082);
    api_url_ = "http://127.0.0.1:" + std::to_string(port);
    if (auto error =
            add("simulator", "Alpha Vantage simulator, " + api_url_,
                {"simulate", "--port", std::to_string(port), "--start",
                 options_.start, "--speed", fmt::format("{}", options_.speed),
                 "--clock-file", folder_ + "/simulator.clock"},
                {}))
      return error;
  }
  auto environment = node_environment();
  auto address = environment["TICKERFLOW_LISTEN"];
  environment["TICKERFLOW_NODE"] = "master";
  if (auto error = add("master", "coordinator and API budget, " + address,
                       {"master"}, environment))
    return error;
  for (int i = 1; i <= options_.workers; ++i) {
    auto name = "worker-" + std::to_string(i);
    environment["TICKERFLOW_NODE"] = name;
    if (auto error =
            add(name, "fetchers, aggregators, writer", {"worker"}, environment))
      return error;
  }
  return caf::none;
}

void stack::print_overview() const {
  auto row = [](std::string_view name, std::string pid, std::string what) {
    fmt::print("  {:<11} {:>8}  {}\n", name, pid, what);
  };
  fmt::print("\n  {:<11} {:>8}  {}\n", "WHAT", "PID", "WHERE");
  if (kafka_)
    row("kafka", std::to_string(kafka_->process().pid()), brokers_);
  else
    row("kafka", embedded_ ? std::to_string(::getpid()) : "-",
        brokers_
            + (embedded_ ? " (embedded: records are lost at the end)"
                         : " (yours)"));
  if (postgres_)
    row("postgres", std::to_string(postgres_->process().pid()),
        dsn_.substr(dsn_.find('@') + 1));
  else
    row("postgres", "-", "yours");
  for (auto& x : nodes_)
    row(x->name, std::to_string(x->process->pid()), x->what);
  if (!console_link_.empty())
    row("console", "", console_link_);
  fmt::print("  logs and data: {}\n", folder_);
  auto program = fs::read_symlink("/proc/self/exe").string();
  fmt::print("\nTry in another terminal:\n");
  if (postgres_)
    fmt::print("  psql '{}' -c 'select * from stocks order by date desc limit "
               "5'\n",
               dsn_);
  fmt::print("  {} status --master 127.0.0.1:{}\n", program, master_port_);
  fmt::print("  kcat -b {} -C -t {} -o -5 -e\n", brokers_,
             settings_.kafka.topic_raw);
  fmt::print("\nCtrl-C stops everything.\n\n");
  std::fflush(stdout);
}

caf::error stack::look_after() {
  if (kafka_ && !kafka_->process().running())
    return failure(errc::unavailable,
                   "Kafka ended: " + kafka_->process().exit_text() + "; see "
                       + kafka_->process().log_file());
  if (postgres_ && !postgres_->process().running())
    return failure(errc::unavailable,
                   "PostgreSQL ended: " + postgres_->process().exit_text()
                       + "; see " + postgres_->process().log_file());
  for (auto& x : nodes_) {
    if (x->process && x->process->running())
      continue;
    auto now = clock::now();
    if (x->process) {
      fmt::print("{} ended: {}; the end of {}:\n{}\n", x->name,
                 x->process->exit_text(), log_of(x->name),
                 tail_of(log_of(x->name), 3));
      x->process.reset();
      // One that ran for a while earns its tries back.
      if (now - x->started > std::chrono::minutes{1})
        x->restarts = 0;
      if (++x->restarts > most_restarts)
        return failure(errc::unavailable,
                       x->name + " ended " + std::to_string(most_restarts + 1)
                           + " times; see " + log_of(x->name));
      x->restart_at = now + std::chrono::seconds{1 << (x->restarts - 1)};
    }
    if (now >= x->restart_at) {
      if (auto error = start_node(*x))
        return error;
      fmt::print("{} started again, pid {}\n", x->name, x->process->pid());
    }
    std::fflush(stdout);
  }
  return caf::none;
}

void stack::stop_nodes() {
  using namespace std::chrono_literals;
  // All workers are told at once and each is given its time; the master must
  // outlive them, for it takes back their shards.
  for (auto& x : nodes_)
    if (x->process && x->arguments.front() == "worker")
      x->process->signal(SIGTERM);
  while (!nodes_.empty()) {
    if (nodes_.back()->process)
      nodes_.back()->process->stop(12s);
    nodes_.pop_back();
  }
}

void stack::stop() {
  stop_nodes();
  if (kafka_)
    kafka_->stop();
  kafka_.reset();
  embedded_.reset();
  if (postgres_)
    postgres_->stop();
  postgres_.reset();
}

} // namespace tickerflow
