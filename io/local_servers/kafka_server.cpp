#include "io/local_servers/kafka_server.hpp"

#include "io/kafka/topics.hpp"
#include "io/local_servers/ports.hpp"
#include "kafka_pom.hpp"

#include <filesystem>
#include <fstream>
#include <random>
#include <unistd.h>

namespace tickerflow {

namespace {

namespace fs = std::filesystem;

constexpr auto version_folder = "kafka-3.9.1";

constexpr auto copy_goal =
    "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

bool in_path(const std::string& program) {
  auto path = std::getenv("PATH");
  std::string rest = path ? path : "";
  while (!rest.empty()) {
    auto end = std::min(rest.find(':'), rest.size());
    if (::access((rest.substr(0, end) + '/' + program).c_str(), X_OK) == 0)
      return true;
    rest.erase(0, std::min(end + 1, rest.size()));
  }
  return false;
}

/// A cluster id as Kafka makes them: 16 random bytes in base64url.
std::string random_id() {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::random_device random;
  std::string result;
  for (int i = 0; i < 21; ++i)
    result += letters[random() % 64];
  return result + "AQgw"[random() % 4]; // the last two bits of 128
}

std::string read_or_make(const fs::path& file,
                         const std::function<std::string()>& make) {
  std::string result;
  if (std::ifstream in{file}; std::getline(in, result) && !result.empty())
    return result;
  result = make();
  std::ofstream{file} << result << '\n';
  return result;
}

caf::expected<int> run(const std::string& name,
                       std::vector<std::string> command, const std::string& log,
                       const std::string& directory) {
  child_options options;
  options.name = name;
  options.command = std::move(command);
  options.log_file = log;
  options.directory = directory;
  auto process = child_process::start(options);
  if (!process)
    return process.error();
  return (*process)->wait();
}

} // namespace

bool kafka_server::have_java() { return in_path("java"); }

std::string kafka_server::default_cache() {
  auto variable = [](const char* name) {
    auto value = std::getenv(name);
    return value ? std::string{value} : std::string{};
  };
  if (auto named = variable("TICKERFLOW_CACHE"); !named.empty())
    return named;
  if (::geteuid() == 0)
    return "/var/cache/tickerflow";
  auto base = variable("XDG_CACHE_HOME");
  return (base.empty() ? variable("HOME") + "/.cache" : base) + "/tickerflow";
}

caf::error
kafka_server::fetch(const std::string& cache_dir,
                    const std::function<void(const std::string&)>& tell) {
  auto ready = fs::path{cache_dir} / version_folder;
  if (fs::exists(ready / "libs"))
    return caf::none;
  if (!have_java() || !in_path("mvn"))
    return failure(errc::bad_setting,
                   "Apache Kafka needs Java and Maven (apt-get install "
                   "default-jre-headless maven, or use --embedded-kafka)");
  tell("fetching Apache Kafka 3.9.1, once, into " + ready.string() + " ...");
  auto work = fs::path{cache_dir} / (std::string{version_folder} + ".part");
  std::error_code code;
  fs::remove_all(work, code);
  fs::create_directories(work, code);
  if (code)
    return failure(errc::bad_setting, "the cache " + work.string()
                                          + " cannot be made: " + code.message()
                                          + " (set TICKERFLOW_CACHE)");
  std::ofstream{work / "pom.xml"} << embedded::kafka_pom().front().content;
  auto log = (work / "maven.log").string();
  auto status =
      run("maven", {"mvn", "-q", "-B", copy_goal, "-DoutputDirectory=libs"},
          log, work.string());
  if (!status)
    return status.error();
  if (*status != 0)
    return failure(errc::unavailable,
                   "Maven could not fetch Apache Kafka (is the network "
                   "there?):\n"
                       + tail_of(log, 8));
  // Renamed when it is whole: an aborted download is not taken for one.
  fs::rename(work, ready, code);
  if (code && !fs::exists(ready / "libs"))
    return failure(errc::unavailable, ready.string() + ": " + code.message());
  return caf::none;
}

caf::expected<std::unique_ptr<kafka_server>>
kafka_server::start(kafka_server_options options) {
  fs::path folder{options.data_dir};
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    return failure(errc::bad_setting,
                   folder.string() + " cannot be made: " + code.message());
  auto properties = (folder / "server.properties").string();
  auto controller = std::to_string(free_port());
  auto port = std::to_string(options.port);
  std::ofstream{properties}
      << "process.roles=broker,controller\nnode.id=1\n"
      << "controller.quorum.voters=1@127.0.0.1:" << controller << '\n'
      << "listeners=PLAINTEXT://127.0.0.1:" << port
      << ",CONTROLLER://127.0.0.1:" << controller << '\n'
      << "advertised.listeners=PLAINTEXT://127.0.0.1:" << port << '\n'
      << "controller.listener.names=CONTROLLER\n"
      << "log.dirs=" << (folder / "logs").string() << '\n'
      << "auto.create.topics.enable=false\nmessage.max.bytes=2097152\n"
         "offsets.topic.replication.factor=1\n"
         "transaction.state.log.replication.factor=1\n"
         "transaction.state.log.min.isr=1\n"
         "group.initial.rebalance.delay.ms=0\n"
         // After a kill the controller refuses the broker's new life until the
         // old one's session is over: 9 s by default.
         "broker.heartbeat.interval.ms=1000\nbroker.session.timeout.ms=4000\n"
         // A laptop may be switched off: what is acknowledged is on disk soon.
         "log.flush.interval.ms=1000\n";
  auto log4j = (folder / "log4j.properties").string();
  std::ofstream{log4j}
      << "log4j.rootLogger=WARN, out\n"
         "log4j.appender.out=org.apache.log4j.ConsoleAppender\n"
         "log4j.appender.out.layout="
         "org.apache.log4j.PatternLayout\n"
         "log4j.appender.out.layout.ConversionPattern="
         "%d{ISO8601} %p %c %m%n\n";
  auto libs = options.cache_dir + "/" + version_folder + "/libs/*";
  auto log = (folder / "kafka.log").string();
  // The client compiler alone starts faster, and a demo never needs more.
  std::vector<std::string> java{"java",
                                "-Xms256m",
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "-Dlog4j.configuration=file:" + log4j,
                                "-cp",
                                libs};
  if (!fs::exists(folder / "logs" / "meta.properties")) {
    auto id = read_or_make(folder / "cluster.id", random_id);
    auto format = java;
    for (auto x : {"kafka.tools.StorageTool", "format", "--ignore-formatted",
                   "-c", properties.c_str()})
      format.push_back(x);
    // In one word: an id may begin with a dash, which would be taken for a flag.
    format.push_back("--cluster-id=" + id);
    auto status = run("kafka-format", format, log, folder.string());
    if (!status)
      return status.error();
    if (*status != 0)
      return failure(errc::bad_setting,
                     "Kafka's storage cannot be made:\n" + tail_of(log, 8));
  }
  child_options child;
  child.name = "kafka";
  child.command = java;
  child.command.push_back("kafka.Kafka");
  child.command.push_back(properties);
  child.log_file = log;
  child.directory = folder.string();
  child.survive = options.survive;
  auto process = child_process::start(child);
  if (!process)
    return process.error();
  std::unique_ptr<kafka_server> result{new kafka_server};
  result->options_ = std::move(options);
  result->process_ = std::move(*process);
  return result;
}

bool kafka_server::ready() {
  if (!port_answers(options_.port))
    return false;
  kafka_options options;
  options.brokers = brokers();
  return static_cast<bool>(
      ensure_topics(options, {}, std::chrono::milliseconds{1000}));
}

std::string kafka_server::brokers() const {
  return "127.0.0.1:" + std::to_string(options_.port);
}

void kafka_server::stop() {
  if (process_ && !options_.survive)
    process_->stop(std::chrono::seconds{10});
}

} // namespace tickerflow
