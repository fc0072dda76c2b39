#define CAF_SUITE console_api

// Whether the API is what console/openapi.yaml says, by thousands of requests
// that fit it and that do not.

#include "test/integration/console_fixture.hpp"

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

constexpr auto program = TICKERFLOW_API_TESTER;

struct fixture : console_fixture {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(console_api_tests, fixture)

CAF_TEST(the api is what its document says) {
  if (!std::filesystem::exists(program))
    CAF_FAIL(program << " is missing: ./dev test installs it");
  wait_until_it_runs();
  auto seed = std::getenv("TICKERFLOW_TEST_SEED");
  // The same cases each time, unless told otherwise: whether a change is good
  // must not be a matter of luck.
  auto number = std::string{seed ? seed : "1"};
  CAF_MESSAGE("TICKERFLOW_TEST_SEED=" << number);
  child_options options;
  options.name = "schemathesis";
  options.command = {
      program, "run",
      std::string{TICKERFLOW_SOURCE_DIR} + "/console/openapi.yaml", "--url",
      "http://127.0.0.1:" + std::to_string(consoles["master"]), "--header",
      std::string{"Authorization: Bearer "} + console_operator, "--phases",
      "examples,coverage,fuzzing", "--max-examples", "15", "--seed", number,
      "--no-color", "--request-timeout", "20", "--continue-on-failure",
      // Wrong tokens are soon answered with 429; test/integration/console_test
      // asks each path without one.
      "--exclude-checks", "ignored_auth"};
  options.log_file = log_of("schemathesis");
  options.directory = folder.string();
  auto tester = child_process::start(options);
  CAF_REQUIRE(tester);
  for (int i = 0; i < 2400 && (*tester)->running(); ++i)
    std::this_thread::sleep_for(100ms);
  CAF_REQUIRE(!(*tester)->running());
  auto told = tail_of(log_of("schemathesis"), 120);
  CAF_MESSAGE(told);
  // Not only without a finding: it has to have asked.
  CAF_CHECK(told.find(" generated") != std::string::npos);
  CAF_CHECK_EQUAL((*tester)->exit_text(), "exit status 0");
}

CAF_TEST_FIXTURE_SCOPE_END()
