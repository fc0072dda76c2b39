#define CAF_SUITE pressure

// PostgreSQL is away while records come as fast as they are produced: memory
// and queues of real workers stay within their bounds, and nothing is lost.

#include "test/integration/soak_fixture.hpp"

#include "io/local_servers/ports.hpp"
#include "io/local_servers/postgres_server.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <thread>

using namespace tickerflow;
using namespace tickerflow::soak;
using namespace std::chrono_literals;

namespace {

/// What a worker needs at most (docs/performance.md), and as much again as
/// allocators and the load of a test machine may add.
constexpr double memory_bound_mb = 200;

/// Far more than all credit of the shards.
constexpr std::int64_t outage_lag = 150'000;

/// A PostgreSQL of its own, for it is suspended.
struct own_postgres {
  work_folder folder{"tickerflow-pressure"};
  std::unique_ptr<postgres_server> server;
  postgres_server_options options;

  own_postgres() {
    std::filesystem::permissions(folder.path(),
                                 std::filesystem::perms::others_exec
                                     | std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    options.data_dir = folder.path() + "/postgres";
    options.port = lasting_port();
    options.password = "only-for-tests";
    start();
  }

  ~own_postgres() {
    server = nullptr;
    folder.discard();
  }

  void start() {
    auto made = postgres_server::start(options);
    CAF_REQUIRE(made);
    server = std::move(*made);
    for (int i = 0; i < 300 && !server->ready(); ++i)
      std::this_thread::sleep_for(100ms);
    CAF_REQUIRE(server->ready());
  }

  /// Each of its processes is in a group of its own.
  void signal_all(int number) {
    auto head = server->process().pid();
    ::kill(head, number);
    for (auto& entry : std::filesystem::directory_iterator{"/proc"}) {
      auto process = std::atoi(entry.path().filename().c_str());
      if (process <= 0)
        continue;
      std::ifstream file{entry.path() / "stat"};
      std::string text{std::istreambuf_iterator<char>{file}, {}};
      auto end = text.rfind(") ");
      if (end == std::string::npos)
        continue;
      std::istringstream rest{text.substr(end + 2)};
      char state = 0;
      pid_t parent = 0;
      rest >> state >> parent;
      if (parent == head)
        ::kill(process, number);
    }
  }
};

struct fixture {
  own_postgres postgres;
  work_folder folder{"tickerflow-test"};
  std::unique_ptr<cluster> all;

  fixture() {
    cluster_options x;
    x.program = TICKERFLOW_PROGRAM;
    x.brokers = server_address("TICKERFLOW_TEST_KAFKA");
    x.postgres = postgres.server->dsn();
    static int count = 0;
    x.topic = "pressure_" + std::to_string(::getpid()) + '_'
              + std::to_string(++count);
    x.masters = 1;
    x.shards = 4; // 98,304 records of credit
    x.workers = 2;
    x.rate = 30'000;
    all = std::make_unique<cluster>(x, folder.path());
    all->flow().start();
    all->wait_for_flow({"worker-1", "worker-2"});
  }

  ~fixture() {
    postgres.signal_all(SIGCONT);
    all = nullptr;
  }

  nlohmann::json status() {
    auto [code, output] = all->own_nodes().run({"status", "--json"}, 10s);
    auto begin = output.find("{\n");
    CAF_REQUIRE_EQUAL(code, 0);
    CAF_REQUIRE_NOT_EQUAL(begin, std::string::npos);
    return nlohmann::json::parse(output.substr(begin));
  }

  /// Lag grows while nothing is stored; memory must not.
  /// @param lag records that are not stored, when the outage is over
  void watch_outage(std::int64_t lag) {
    auto before = all->flow().acknowledged();
    double highest = 0;
    while (all->flow().acknowledged() - before < lag) {
      for (auto name : {"worker-1", "worker-2"})
        highest = std::max(highest, all->own_nodes().megabytes(name));
      std::this_thread::sleep_for(100ms);
    }
    CAF_MESSAGE("highest memory of a worker: " << highest << " MB");
    CAF_CHECK_GREATER(highest, 0.0);
    CAF_CHECK_LESS_OR_EQUAL(highest, memory_bound_mb);
  }

  /// @param full whether records have to have waited: with small batches, as
  ///        they come while all goes well, credit is used up by few records
  void check_queues(bool full) {
    size_t seen = 0;
    std::int64_t most_records = 0;
    auto answer = status();
    for (auto& node : answer["nodes"])
      for (auto& x : node["queues"]) {
        auto highest = x["highest"].get<std::int64_t>();
        auto bound = x["bound"].get<std::int64_t>();
        CAF_MESSAGE(node["name"] << ' ' << x["queue"] << ": " << highest
                                 << " of " << bound);
        CAF_CHECK_LESS_OR_EQUAL(highest, bound);
        if (x["queue"] == "aggregator_records")
          most_records = std::max(most_records, highest);
        ++seen;
      }
    CAF_CHECK_GREATER(seen, 10u);
    // What a queue held only matters if it held something.
    if (full)
      CAF_CHECK_GREATER(most_records, 4096);
  }

  void check_equal_to_ledger() {
    all->flow().finish();
    differences found;
    for (auto& text : all->drain())
      found.add(text);
    for (auto& text : all->own_nodes().take_unexpected_ends())
      found.add(text);
    for (auto& text :
         compare_database(all->place(), all->flow().ledger(), found))
      CAF_MESSAGE(text);
    for (auto& text : found.texts())
      CAF_MESSAGE(text);
    CAF_CHECK_EQUAL(found.count(), 0);
    if (found.count() == 0)
      folder.discard();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pressure_tests, fixture)

CAF_TEST(a database that hangs fills queues to their bounds and no further) {
  postgres.signal_all(SIGSTOP);
  watch_outage(outage_lag);
  check_queues(false);
  postgres.signal_all(SIGCONT);
  check_equal_to_ledger();
  check_queues(true);
}

CAF_TEST(a database that refuses connections fills no queue over its bound) {
  postgres.server->stop();
  watch_outage(outage_lag);
  check_queues(false);
  postgres.start();
  check_equal_to_ledger();
  check_queues(true);
}

CAF_TEST_FIXTURE_SCOPE_END()
