#define CAF_SUITE log

#include "io/log/log.hpp"
#include "io/log/log_ring.hpp"
#include "io/log/redact.hpp"

#include "caf/test/unit_test.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

using namespace tickerflow;

CAF_TEST(a registered secret is masked in any text) {
  register_secret("SECRETKEY123");
  register_secret("SECRETKEY123456");
  CAF_CHECK_EQUAL(redact("x=SECRETKEY123 y=SECRETKEY123456z"), "x=*** y=***z");
  CAF_CHECK_EQUAL(redact("nothing here"), "nothing here");
}

CAF_TEST(a secret of stars or a short one cannot tear lines apart) {
  register_secret("***");
  register_secret("a");
  register_secret("");
  CAF_CHECK_EQUAL(redact("a *** b"), "a *** b");
}

CAF_TEST(passwords and keys are masked by their place too) {
  CAF_CHECK_EQUAL(redact("GET /query?symbol=A&apikey=QQ&x=1"),
                  "GET /query?symbol=A&apikey=***&x=1");
  CAF_CHECK_EQUAL(redact("host=h password='a \\'b' user=u"),
                  "host=h password=*** user=u");
  CAF_CHECK_EQUAL(redact("host=h Password=b"), "host=h Password=***");
  CAF_CHECK_EQUAL(redact("postgresql://u:p@h/db and https://h:80/a@b"),
                  "postgresql://u:***@h/db and https://h:80/a@b");
}

CAF_TEST(one event stays one line) {
  auto line = log_line("info", "text", "event=x text=\"a\nb\x1b[31m\"");
  CAF_CHECK(line.find('\n') == std::string::npos);
  CAF_CHECK(line.find('\x1b') == std::string::npos);
  CAF_CHECK(line.find("a\\nb\\x1b[31m") != std::string::npos);
  CAF_CHECK_EQUAL(line[10], 'T');
  CAF_CHECK_EQUAL(line[23], 'Z');
}

CAF_TEST(a JSON line has the keys of its event) {
  register_secret("SECRETKEY123");
  auto x = nlohmann::json::parse(
      log_line("warn", "json",
               "event=shard_stopped shard=3 reason=\"say \\\"no\\\" to "
               "SECRETKEY123\" level=9 loose words"));
  CAF_CHECK_EQUAL(x["level"], "warn");
  CAF_CHECK_EQUAL(x["event"], "shard_stopped");
  CAF_CHECK_EQUAL(x["shard"], "3");
  CAF_CHECK_EQUAL(x["reason"], "say \"no\" to ***");
  CAF_CHECK_EQUAL(x["level_"], "9");
  CAF_CHECK_EQUAL(x["text"], "loose words");
}

CAF_TEST(odd texts make JSON all the same) {
  for (auto text : {"", "=", "a=", "a=\"", "a=\"x\\", "  ", "\xff\xfe", "a=b="})
    CAF_CHECK(nlohmann::json::accept(log_line("info", "json", text)));
}

CAF_TEST(what spdlog is given comes out masked on stderr) {
  char name[] = "/tmp/tickerflow_log_XXXXXX";
  auto file = ::mkstemp(name);
  std::fflush(stderr);
  auto before = ::dup(2);
  ::dup2(file, 2);
  register_secret("SECRETKEY123");
  setup_log("info", "text");
  auto sequence = log_ring::instance().newest();
  working_actor = 42;
  spdlog::info("event=key_told key={}", "SECRETKEY123");
  working_actor = 0;
  spdlog::debug("event=not_shown");
  spdlog::default_logger()->flush();
  ::dup2(before, 2);
  ::close(before);
  ::close(file);
  std::ifstream input{name};
  std::string text{std::istreambuf_iterator<char>{input}, {}};
  ::unlink(name);
  CAF_CHECK(text.find(" info  event=key_told key=***\n") != std::string::npos);
  CAF_CHECK(text.find("SECRET") == std::string::npos);
  CAF_CHECK(text.find("not_shown") == std::string::npos);
  // The same is kept for whoever asks the process, with the actor at work.
  auto kept = log_ring::instance().after(sequence);
  CAF_REQUIRE_EQUAL(kept.size(), 1u);
  CAF_CHECK_EQUAL(kept[0].text, "event=key_told key=***");
  CAF_CHECK_EQUAL(kept[0].level, "info");
  CAF_CHECK_EQUAL(kept[0].actor, 42u);
}
