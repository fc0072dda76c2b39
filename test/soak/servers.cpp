#include "test/soak/servers.hpp"

#include "io/local_servers/ports.hpp"

#include <iostream>
#include <stdexcept>
#include <thread>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

template <class T>
T value_of(caf::expected<T> x) {
  if (!x)
    throw std::runtime_error(text_of(x.error()));
  return std::move(*x);
}

} // namespace

servers::servers(const std::string& folder) {
  auto cache = kafka_server::default_cache();
  if (auto error = kafka_server::fetch(cache, [](const std::string& text) {
        std::cout << text << std::endl;
      }))
    throw std::runtime_error(text_of(error));
  kafka_options_.data_dir = folder + "/kafka";
  kafka_options_.cache_dir = cache;
  kafka_options_.port = lasting_port();
  postgres_options_.data_dir = folder + "/postgres";
  postgres_options_.port = lasting_port();
  postgres_options_.password = "only-for-tests";
  start_postgres();
  start_kafka();
  bool kafka_ready = false;
  bool postgres_ready = false;
  for (int i = 0; i < 1800 && !(kafka_ready && postgres_ready); ++i) {
    std::this_thread::sleep_for(100ms);
    kafka_ready = kafka_ready || kafka_->ready();
    postgres_ready = postgres_ready || postgres_->ready();
  }
  if (!kafka_ready)
    throw std::runtime_error("Kafka did not start:\n"
                             + tail_of(kafka_->process().log_file(), 10));
  if (!postgres_ready)
    throw std::runtime_error("PostgreSQL did not start:\n"
                             + tail_of(postgres_->process().log_file(), 10));
}

std::string servers::brokers() const {
  return "127.0.0.1:" + std::to_string(kafka_options_.port);
}

std::string servers::dsn() const {
  return "postgresql://" + postgres_options_.user + ':'
         + postgres_options_.password
         + "@127.0.0.1:" + std::to_string(postgres_options_.port) + '/'
         + postgres_options_.database;
}

std::vector<std::string> servers::take_unexpected_ends() {
  std::vector<std::string> result;
  auto look = [&](auto& server, const char* name) {
    if (!server || server->process().running())
      return;
    result.push_back(std::string{name}
                     + " ended by itself: " + server->process().exit_text()
                     + ":\n" + tail_of(server->process().log_file(), 20));
    server.reset();
  };
  look(kafka_, "Kafka");
  look(postgres_, "PostgreSQL");
  return result;
}

void servers::stop_kafka(bool kill) {
  if (!kafka_)
    return;
  kafka_->process().stop(15s, kill ? SIGKILL : SIGTERM);
  kafka_.reset();
}

void servers::start_kafka() {
  if (!kafka_)
    kafka_ = value_of(kafka_server::start(kafka_options_));
}

void servers::stop_postgres(bool kill) {
  if (!postgres_)
    return;
  postgres_->process().stop(15s, kill ? SIGKILL : SIGQUIT);
  postgres_.reset();
}

void servers::start_postgres() {
  if (!postgres_)
    postgres_ = value_of(postgres_server::start(postgres_options_));
}

} // namespace tickerflow::soak
