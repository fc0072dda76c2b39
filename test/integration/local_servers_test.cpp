#define CAF_SUITE local_servers

#include "io/local_servers/kafka_server.hpp"
#include "io/local_servers/ports.hpp"
#include "io/local_servers/postgres_server.hpp"

#include <caf/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path()
      / ("tickerflow_cluster_" + std::to_string(::getpid()));

  ~fixture() { std::filesystem::remove_all(folder); }

  std::unique_ptr<postgres_server> start() {
    postgres_server_options options;
    options.data_dir = folder.string();
    options.port = free_port();
    options.password = "secret";
    auto result = postgres_server::start(options);
    if (!result)
      CAF_FAIL(text_of(result.error()));
    for (int i = 0; i < 300 && !(*result)->ready(); ++i)
      std::this_thread::sleep_for(100ms);
    CAF_CHECK((*result)->ready());
    return std::move(*result);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(local_servers_tests, fixture)

CAF_TEST(a killed database starts again although nobody noticed its death) {
  auto first = start();
  // Not waited for: it stays a zombie, which for PostgreSQL is a live owner of
  // the data.
  ::kill(first->process().pid(), SIGKILL);
  auto second = start();
  CAF_CHECK(second->process().running());
}

CAF_TEST(a Kafka whose random id begins with a dash can be made) {
  auto data = folder / "kafka";
  std::filesystem::create_directories(data);
  std::ofstream{data / "cluster.id"} << "-AAAAAAAAAAAAAAAAAAAAA\n";
  kafka_server_options options;
  options.data_dir = data.string();
  options.cache_dir = kafka_server::default_cache();
  options.port = free_port();
  auto server = kafka_server::start(options);
  if (!server)
    CAF_FAIL(text_of(server.error()));
  CAF_CHECK((*server)->process().running());
}

CAF_TEST_FIXTURE_SCOPE_END()
