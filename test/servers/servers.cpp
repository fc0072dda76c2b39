// Starts and stops a real Kafka and a real PostgreSQL for the integration
// tests and the benchmark: test_servers start|stop FOLDER.
//
// They outlive `start`; FOLDER/env says where they are, FOLDER/pids who.

#include "io/local_servers/kafka_server.hpp"
#include "io/local_servers/ports.hpp"
#include "io/local_servers/postgres_server.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace tickerflow;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

void stop(const fs::path& folder) {
  std::ifstream pids{folder / "pids"};
  for (pid_t pid = 0; pids >> pid;) {
    // A number may have been given to another process since: only ours works
    // in the folder.
    std::error_code code;
    auto cwd = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", code);
    if (code || cwd.string().rfind(folder.string(), 0) != 0)
      continue;
    ::kill(pid, SIGINT); // both servers take it as an orderly end
    for (int i = 0; i < 100 && ::kill(pid, 0) == 0; ++i)
      std::this_thread::sleep_for(100ms);
    ::kill(-pid, SIGKILL);
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

int start(const fs::path& folder) {
  stop(folder);
  fs::create_directories(folder);
  ::chmod(folder.c_str(), 0755);
  auto fail = [&](const caf::error& reason) {
    std::cerr << text_of(reason) << '\n';
    stop(folder);
    return 1;
  };
  auto tell = [](const std::string& text) { std::cout << text << std::endl; };
  if (auto error = kafka_server::fetch(kafka_server::default_cache(), tell))
    return fail(error);
  postgres_server_options pg;
  pg.data_dir = (folder / "postgres").string();
  pg.port = free_port();
  pg.password = "only-for-tests";
  pg.survive = true;
  auto postgres = postgres_server::start(pg);
  if (!postgres)
    return fail(postgres.error());
  std::ofstream pids{folder / "pids"};
  pids << (*postgres)->process().pid() << std::endl;
  kafka_server_options options;
  options.data_dir = (folder / "kafka").string();
  options.cache_dir = kafka_server::default_cache();
  options.port = free_port();
  options.survive = true;
  auto kafka = kafka_server::start(options);
  if (!kafka)
    return fail(kafka.error());
  pids << (*kafka)->process().pid() << std::endl;
  auto kafka_ready = false;
  auto postgres_ready = false;
  for (int i = 0; i < 600 && !(kafka_ready && postgres_ready); ++i) {
    std::this_thread::sleep_for(100ms);
    kafka_ready = kafka_ready || (*kafka)->ready();
    postgres_ready = postgres_ready || (*postgres)->ready();
  }
  if (!kafka_ready || !postgres_ready)
    return fail(
        failure(errc::unavailable,
                std::string{kafka_ready ? "PostgreSQL" : "Kafka"}
                    + " did not start within 60 s:\n"
                    + tail_of(kafka_ready ? (*postgres)->process().log_file()
                                          : (*kafka)->process().log_file(),
                              10)));
  std::ofstream{folder / "env"}
      << "TICKERFLOW_TEST_KAFKA=" << (*kafka)->brokers() << '\n'
      << "TICKERFLOW_TEST_POSTGRES=" << (*postgres)->dsn() << '\n';
  std::cout << "Kafka at " << (*kafka)->brokers()
            << " and PostgreSQL are ready in " << folder.string() << std::endl;
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  std::string verb = argc == 3 ? argv[1] : "";
  if (verb != "start" && verb != "stop") {
    std::cerr << "usage: test_servers start|stop FOLDER\n";
    return 2;
  }
  auto folder = fs::absolute(argv[2]);
  if (verb == "start")
    return start(folder);
  stop(folder);
  return 0;
}
