#pragma once

#include "test/integration/test_database.hpp"
#include "test/soak/cluster.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <random>

namespace tickerflow {

/// A cluster of real processes under a steady flow, on the shared servers.
struct soak_fixture {
  test_database db;
  soak::work_folder folder{"tickerflow-test"};
  std::unique_ptr<soak::cluster> cluster;
  std::set<std::string> workers;

  explicit soak_fixture(int worker_count) {
    auto text = std::getenv("TICKERFLOW_SEED");
    soak::cluster_options x;
    x.seed = text ? std::strtoull(text, nullptr, 10)
                  : std::random_device{}() % 1'000'000;
    CAF_MESSAGE("TICKERFLOW_SEED=" << x.seed);
    x.program = TICKERFLOW_PROGRAM;
    x.brokers = server_address("TICKERFLOW_TEST_KAFKA");
    x.postgres = db.dsn();
    x.topic = db.dsn().substr(db.dsn().rfind('/') + 1);
    x.masters = soak::takes_several_masters(x.program, folder.path()) ? 2 : 1;
    x.workers = worker_count;
    x.rate = 1000;
    cluster = std::make_unique<soak::cluster>(x, folder.path());
    for (int i = 1; i <= worker_count; ++i)
      workers.insert(soak::worker_name(i));
  }

  /// Ends the flow, waits until all is stored and compares it with the ledger.
  soak::differences compare() {
    cluster->flow().finish();
    soak::differences result;
    for (auto& text : cluster->drain())
      result.add(text);
    for (auto& text : cluster->watch().violations())
      result.add(text);
    for (auto& text : cluster->own_nodes().take_unexpected_ends())
      result.add(text);
    auto& ledger = cluster->flow().ledger();
    for (auto& text : compare_database(cluster->place(), ledger, result))
      CAF_MESSAGE(text);
    for (auto& text : compare_topics(cluster->place(), ledger, result))
      CAF_MESSAGE(text);
    return result;
  }

  void check_equal_to_ledger() {
    auto found = compare();
    for (auto& text : found.texts())
      CAF_MESSAGE(text);
    CAF_CHECK_EQUAL(found.count(), 0);
    if (found.count() == 0)
      folder.discard();
  }

  std::string log_of(const std::string& node) const {
    std::ifstream file{cluster->own_nodes().log_of(node)};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  /// Waits until something holds: the only clock of these tests.
  template <class Predicate>
  void wait_until(const char* what, Predicate holds) {
    for (int i = 0; i < 1200; ++i) {
      if (holds())
        return;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    for (auto& name : cluster->own_nodes().names())
      CAF_MESSAGE(name << ": "
                       << tail_of(cluster->own_nodes().log_of(name), 10));
    CAF_FAIL("a minute is over: " << what);
  }

  std::set<std::int32_t> shards_of(const std::string& node) const {
    std::set<std::int32_t> result;
    auto rows = cluster->watch().now();
    for (size_t i = 0; i < rows.size(); ++i)
      if (rows[i].owner == node)
        result.insert(static_cast<std::int32_t>(i));
    return result;
  }
};

} // namespace tickerflow
