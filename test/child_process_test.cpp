#define CAF_SUITE child_process

#include "io/local_servers/child_process.hpp"

#include "io/local_servers/ports.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::string log =
      (std::filesystem::temp_directory_path()
       / ("tickerflow_child_" + std::to_string(::getpid()) + ".log"))
          .string();

  ~fixture() { std::filesystem::remove(log); }

  child_options shell(const std::string& script) {
    child_options x;
    x.name = "test";
    x.command = {"sh", "-c", script};
    x.log_file = log;
    return x;
  }

  std::unique_ptr<child_process> start(child_options x) {
    auto result = child_process::start(std::move(x));
    CAF_REQUIRE(result);
    return std::move(*result);
  }

  /// Waits for a line of the child's output, for it has to get that far.
  std::string line() {
    for (int i = 0; i < 500; ++i) {
      auto text = tail_of(log, 1);
      if (!text.empty())
        return text;
      std::this_thread::sleep_for(10ms);
    }
    CAF_FAIL("the child wrote nothing");
    return {};
  }

  static bool exists(pid_t pid) {
    // A killed orphan may stay as a zombie until init has looked at it.
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text;
    std::getline(file, text);
    return !text.empty() && text.find(") Z ") == std::string::npos;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(child_process_tests, fixture)

CAF_TEST(an exit status and a signal are told apart) {
  auto failed = start(shell("exit 3"));
  CAF_CHECK_EQUAL(failed->wait(), 3);
  CAF_CHECK_EQUAL(failed->exit_text(), "exit status 3");
  auto killed = start(shell("kill -9 $$"));
  CAF_CHECK_EQUAL(killed->wait(), 137);
  CAF_CHECK_EQUAL(killed->exit_text(), "killed by signal 9");
}

CAF_TEST(a stop takes the children of the child along) {
  auto uut = start(shell("trap '' TERM; sleep 1000 & echo $!; wait"));
  auto grandchild = static_cast<pid_t>(std::stol(line()));
  CAF_CHECK(exists(grandchild));
  uut->stop(100ms); // TERM is ignored: it takes a KILL of the group
  for (int i = 0; i < 500 && exists(grandchild); ++i)
    std::this_thread::sleep_for(10ms);
  CAF_CHECK(!exists(grandchild));
}

CAF_TEST(a program that does not exist is a clear error) {
  child_options x;
  x.command = {"/no/such/program"};
  auto result = child_process::start(x);
  CAF_REQUIRE(!result);
  CAF_CHECK(result.error() == errc::bad_setting);
  CAF_CHECK_NOT_EQUAL(text_of(result.error()).find("/no/such/program"),
                      std::string::npos);
}

CAF_TEST(the environment is added and the output kept) {
  auto x = shell("echo $TICKERFLOW_TEST_WORD; echo more >&2");
  x.environment["TICKERFLOW_TEST_WORD"] = "given";
  start(x)->wait();
  CAF_CHECK(tail_of(log, 5) == "given\nmore");
  CAF_CHECK(tail_of(log, 1) == "more");
}

CAF_TEST(a blocked stop signal of ours is not blocked in the child) {
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  auto uut = start(shell("echo up; exec sleep 1000"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  line();
  uut->signal(SIGTERM);
  CAF_CHECK_EQUAL(uut->wait(), 128 + SIGTERM);
}

CAF_TEST(a taken port is seen and another one found) {
  auto port = free_port();
  CAF_CHECK_GREATER(port, 0);
  CAF_CHECK(port_is_free(port));
  CAF_CHECK(!port_answers(port));
  CAF_CHECK_EQUAL(preferred_or_free(port), port);
}

CAF_TEST_FIXTURE_SCOPE_END()
