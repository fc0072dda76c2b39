#define CAF_SUITE support_bundle

#include "io/archive/tar_gz.hpp"
#include "io/postgres/mask_literals.hpp"
#include "io/settings/load.hpp"
#include "nodes/support/bundle.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace tickerflow;

namespace {

namespace fs = std::filesystem;

struct fixture {
  fixture() {
    char name[] = "/tmp/tickerflow_bundle_XXXXXX";
    folder = ::mkdtemp(name);
  }

  ~fixture() { fs::remove_all(folder); }

  settings load(environment variables) {
    variables["TICKERFLOW_DATA_DIR"] = folder.string();
    auto result =
        load_settings({}, variables, {folder / "none.json", folder / ".env"});
    if (auto fault = std::get_if<settings_error>(&result))
      CAF_FAIL(fault->text);
    return std::get<settings>(result);
  }

  std::string write(const std::string& name, const std::string& text) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream{folder / name} << text;
    return (folder / name).string();
  }

  fs::path folder;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(support_bundle_tests, fixture)

CAF_TEST(an archive gives back what was put in and only its owner reads it) {
  auto path = (folder / "x.tar.gz").string();
  std::string big(300'000, 'x');
  big[7] = '\0';
  CAF_CHECK_EQUAL(write_tar_gz(path, {{"a/b.txt", "hello"}, {"a/c", big}}, 1),
                  "");
  auto back = read_tar_gz(path);
  CAF_REQUIRE_EQUAL(back.size(), 2u);
  CAF_CHECK_EQUAL(back[0].name, "a/b.txt");
  CAF_CHECK_EQUAL(back[0].content, "hello");
  CAF_CHECK(back[1].content == big);
  struct stat facts {};
  CAF_REQUIRE_EQUAL(::stat(path.c_str(), &facts), 0);
  CAF_CHECK_EQUAL(facts.st_mode & 0777u, 0600u);
}

CAF_TEST(what cannot be written is told and leaves nothing) {
  auto path = (folder / "none" / "x.tar.gz").string();
  CAF_CHECK(contains(write_tar_gz(path, {{"a", "b"}}, 1), "No such file"));
  CAF_CHECK(read_tar_gz(path).empty());
}

CAF_TEST(no secret that was set is in any file) {
  const std::vector<std::string> secrets{
      "APIKEYAPIKEYAPI1",         "pass\"word\xc3\xa4/1", "kafka-hush",
      "console-token-0123456789", "made-by-launcher",     "in-a-file-987654"};
  auto x = load({{"API_KEY", secrets[0]},
                 {"POSTGRES_PASSWORD", secrets[1]},
                 {"TICKERFLOW_KAFKA_PROPERTIES",
                  "sasl.username=u,sasl.password=" + secrets[2]},
                 {"TICKERFLOW_CONSOLE_TOKEN", secrets[3]}});
  write("postgres.password", secrets[4] + "\n");
  register_bundle_secrets(x);
  auto y = load({{"TICKERFLOW_CONSOLE_TOKEN_FILE",
                  write("elsewhere/token", secrets[5] + "\n")}});
  register_bundle_secrets(y);
  std::string all = "dsn " + x.postgres.dsn + "\nin JSON pass\\\"word\\u00e4/1"
                    + " pass\\\"word\xc3\xa4/1\nin a URL pass%22word%C3%A4%2F1"
                    + "\n";
  for (auto& secret : secrets)
    all += "event=x key=" + secret + "\n";
  write("logs/worker-1.log", all);
  bundle uut{"top"};
  uut.add("plain.txt", "a text", all);
  uut.add_missing("gone.json", "a file", "refused: " + secrets[3]);
  collect_logs(uut, x);
  auto files = uut.files();
  CAF_REQUIRE_EQUAL(files.size(), 3u);
  for (auto& file : files) {
    for (auto& secret : secrets)
      CAF_CHECK(!contains(file.content, secret));
    CAF_CHECK(!contains(file.content, "word\\u00e4"));
    CAF_CHECK(!contains(file.content, "pass%22word"));
  }
  CAF_CHECK(contains(files[2].content, "event=x key=***"));
}

CAF_TEST(the manifest says what is in it and what is missing and why) {
  bundle uut{"top"};
  uut.add("a.txt", "the first", "no secret");
  uut.add("b.txt", "the second", "password=hush");
  uut.add_missing("c.json", "the third", "nobody answers");
  auto files = uut.files();
  CAF_CHECK_EQUAL(files.front().name, "top/MANIFEST.txt");
  auto& text = files.front().content;
  CAF_CHECK(contains(text, "the first\n"));
  CAF_CHECK(contains(text, "the second (masked in part)\n"));
  CAF_CHECK(contains(text, "the third: nobody answers\n"));
}

CAF_TEST(of a long log file the last whole lines are taken) {
  std::string text;
  for (int i = 0; i < 50'000; ++i)
    text += "line " + std::to_string(i) + '\n';
  write("logs/master.log", text);
  bundle uut{"top"};
  collect_logs(uut, load({}));
  auto files = uut.files();
  auto& content = files[1].content;
  CAF_CHECK_EQUAL(content.substr(0, 5), "line ");
  CAF_CHECK_LESS_OR_EQUAL(content.size(), 256u * 1024);
  CAF_CHECK(contains(content, "line 49999\n"));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(strings in statements are masked however they are written) {
  CAF_CHECK_EQUAL(mask_literals("SELECT $1 FROM t WHERE a = 'it''s' AND b=2"),
                  "SELECT $1 FROM t WHERE a = '?' AND b=2");
  CAF_CHECK_EQUAL(mask_literals("ALTER ROLE x PASSWORD 'hush'"),
                  "ALTER ROLE x PASSWORD '?'");
  CAF_CHECK_EQUAL(mask_literals(R"(SELECT E'a\'b', 1)"), "SELECT E'?', 1");
  CAF_CHECK_EQUAL(mask_literals("DO $do$ 'x' $do$ end"), "DO '?' end");
  CAF_CHECK_EQUAL(mask_literals("SELECT $$hush$$"), "SELECT '?'");
  // Cut off in the middle of a string.
  CAF_CHECK_EQUAL(mask_literals("SELECT 'hus"), "SELECT '?'");
  CAF_CHECK_EQUAL(mask_literals("SELECT $a$hus"), "SELECT '?'");
  // A quote after a backslash ends it or not, as the server is told.
  CAF_CHECK_EQUAL(mask_literals(R"(SELECT 'a\', 'hush')"), "SELECT '?'");
}
