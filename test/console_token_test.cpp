#define CAF_SUITE console_token

#include "nodes/commands/console_token.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace tickerflow;

namespace {

namespace fs = std::filesystem;

struct fixture {
  fixture() {
    char name[] = "/tmp/tickerflow_console_token_XXXXXX";
    folder = ::mkdtemp(name);
    x.data_dir = folder.string();
    x.console.url = "http://127.0.0.1:8081";
  }

  ~fixture() { fs::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream{folder / name} << text;
    return (folder / name).string();
  }

  std::string token() {
    auto result = console_token_of(x);
    auto fault = std::get_if<api_failure>(&result);
    return fault != nullptr ? "fault: " + fault->text
                            : std::get<std::string>(result);
  }

  fs::path folder;
  settings x;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(console_token_tests, fixture)

CAF_TEST(the token itself comes before the file and the file before others) {
  CAF_CHECK_EQUAL(token(), "");
  write("console.token", "of-the-master\n");
  CAF_CHECK_EQUAL(token(), "of-the-master");
  x.console.token_file = write("named", "of-the-file \r\n");
  CAF_CHECK_EQUAL(token(), "of-the-file");
  x.console.token = "itself";
  CAF_CHECK_EQUAL(token(), "itself");
}

CAF_TEST(of launchers the one that ran last is meant) {
  write("run/console.token", "of-run\n");
  auto now = fs::file_time_type::clock::now();
  fs::last_write_time(write("run/logs/master.log", "x"), now);
  CAF_CHECK_EQUAL(token(), "of-run");
  write("demo/console.token", "of-demo\n");
  fs::last_write_time(write("demo/logs/master.log", "x"),
                      now + std::chrono::hours{1});
  CAF_CHECK_EQUAL(token(), "of-demo");
}

CAF_TEST(a token of this machine is not sent to another one) {
  write("console.token", "of-the-master\n");
  x.console.url = "https://master.example:8081";
  CAF_CHECK_EQUAL(token(), "");
  x.console.url = "https://127.0.0.1.example:8081";
  CAF_CHECK_EQUAL(token(), "");
}

CAF_TEST(a file that has no token is told) {
  x.console.token_file = write("empty", "\n");
  CAF_CHECK(token().find("fault: ") == 0);
  x.console.token_file = (folder / "none").string();
  CAF_CHECK(token().find("console_token_file") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
