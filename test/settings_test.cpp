#define CAF_SUITE settings

#include "io/settings/declaration.hpp"
#include "io/settings/dsn.hpp"
#include "io/settings/parse.hpp"
#include "io/settings/show.hpp"
#include "io/settings/suggest.hpp"

#include "caf/test/unit_test.hpp"

#include <unistd.h>

#include <fstream>
#include <set>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

/// A folder of its own, so that no .env of the machine is read.
struct fixture {
  fixture() {
    char name[] = "/tmp/tickerflow_settings_XXXXXX";
    folder = ::mkdtemp(name);
    paths = {folder / "tickerflow.json", folder / ".env"};
  }

  ~fixture() { std::filesystem::remove_all(folder); }

  std::filesystem::path write(const std::string& name,
                              const std::string& text) {
    std::ofstream{folder / name} << text;
    return folder / name;
  }

  settings good() {
    auto result = load_settings(flags, variables, paths);
    if (auto fault = std::get_if<settings_error>(&result))
      CAF_FAIL(fault->text);
    return std::get<settings>(result);
  }

  std::string fault() {
    auto result = load_settings(flags, variables, paths);
    auto x = std::get_if<settings_error>(&result);
    return x == nullptr ? "no fault" : x->text;
  }

  std::string origin(const settings& x, const std::string& key) {
    for (auto& value : x.values)
      if (value.declared->key == key)
        return to_string(value.origin);
    return "no such key";
  }

  std::filesystem::path folder;
  settings_paths paths;
  flag_values flags;
  environment variables;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(settings_tests, fixture)

CAF_TEST(every default can be taken) {
  auto x = good();
  CAF_CHECK_EQUAL(x.values.size(), setting_table().size());
  CAF_CHECK_EQUAL(x.kafka.brokers, "localhost:9094");
  CAF_CHECK_EQUAL(x.kafka.shards, 8);
  CAF_CHECK_EQUAL(x.tickers,
                  (std::vector<std::string>{"TSLA", "MSFT", "GOOGL"}));
  CAF_CHECK(x.api.interval == 5min);
  CAF_CHECK(x.api.poll_interval == 60s);
  CAF_CHECK(x.cluster.beat_interval == 500ms);
  CAF_CHECK_EQUAL(x.cluster.listen.port, 4711);
  CAF_CHECK_EQUAL(x.postgres.dsn,
                  "host=localhost port=5434 user=tickerflow dbname=stock_data");
  CAF_CHECK(!x.cluster.node.empty());
  CAF_CHECK(x.notes.empty());
}

CAF_TEST(a flag beats the environment beats dotenv beats the file) {
  write("tickerflow.json", R"({"shards": 1, "log_level": "warn",
    "kafka": ["a:1", "b:2"], "batch_linger": "1s"})");
  write(".env", "TICKERFLOW_SHARDS=2\nTICKERFLOW_LOG_LEVEL=error\n"
                "TICKERFLOW_KAFKA=c:3\n");
  variables = {{"TICKERFLOW_SHARDS", "3"}, {"TICKERFLOW_LOG_LEVEL", "debug"}};
  flags.by_key["shards"] = "4";
  auto x = good();
  CAF_CHECK_EQUAL(x.kafka.shards, 4);
  CAF_CHECK_EQUAL(origin(x, "shards"), "flag --shards");
  CAF_CHECK_EQUAL(x.log.level, "debug");
  CAF_CHECK_EQUAL(origin(x, "log_level"), "environment TICKERFLOW_LOG_LEVEL");
  CAF_CHECK_EQUAL(x.kafka.brokers, "c:3");
  CAF_CHECK_EQUAL(origin(x, "kafka"),
                  paths.dotenv.string() + " TICKERFLOW_KAFKA");
  CAF_CHECK(x.batch.linger == 1s);
  CAF_CHECK_EQUAL(origin(x, "batch_linger"), "file " + paths.config.string());
  CAF_CHECK_EQUAL(origin(x, "log_format"), "default");
}

CAF_TEST(workers look for several masters) {
  variables["TICKERFLOW_MASTER"] = "m1:4711, [::1]:4712";
  auto x = good();
  CAF_REQUIRE_EQUAL(x.cluster.masters.size(), 2u);
  CAF_CHECK_EQUAL(x.cluster.masters[0].host, "m1");
  CAF_CHECK_EQUAL(x.cluster.masters[1].host, "::1");
  CAF_CHECK_EQUAL(x.cluster.masters[1].port, 4712);
  variables["TICKERFLOW_MASTER"] = "m1:4711,m2";
  CAF_CHECK(contains(fault(), "several between commas"));
}

CAF_TEST(an empty variable counts as not set) {
  variables["API_KEY"] = "";
  write(".env", "API_KEY=from_dotenv\n");
  CAF_CHECK_EQUAL(good().api.key, "from_dotenv");
}

CAF_TEST(the own name of a variable beats its alias and the loser is noted) {
  variables = {{"API_KEY", "old"}, {"TICKERFLOW_API_KEY", "new"}};
  auto x = good();
  CAF_CHECK_EQUAL(x.api.key, "new");
  CAF_REQUIRE_EQUAL(x.notes.size(), 1u);
  CAF_CHECK(contains(x.notes[0], "API_KEY is not used"));
}

CAF_TEST(a file named on the command line must exist) {
  flags.config_file = (folder / "none.json").string();
  CAF_CHECK(contains(fault(), "none.json: cannot be read"));
}

CAF_TEST(the cache of downloads may be named by a variable) {
  variables["TICKERFLOW_CACHE"] = "/var/tmp/cache";
  CAF_CHECK(good().notes.empty());
}

CAF_TEST(a file can be named by a variable) {
  variables["TICKERFLOW_CONFIG"] = write("other.json", R"({"shards": 5})");
  CAF_CHECK_EQUAL(good().kafka.shards, 5);
}

CAF_TEST(unknown names are faults with a suggestion) {
  write("tickerflow.json", R"({"shard": 1})");
  write(".env", "TICKERFLOW_TIKCERS=A\nPGADMIN_PORT=1\n");
  variables = {{"TICKERFLOW_KAFKA_TOPIC_ROW", "x"},
               {"TICKERFLOW_API_KEY_FIEL", "x"},
               {"TICKERFLOW_TEST_SERVER", "for tests"}};
  auto text = fault();
  CAF_CHECK(contains(text, "no setting \"shard\"; did you mean \"shards\"?"));
  CAF_CHECK(contains(text, "did you mean \"TICKERFLOW_TICKERS\"?"));
  CAF_CHECK(contains(text, "did you mean \"TICKERFLOW_KAFKA_TOPIC_RAW\"?"));
  CAF_CHECK(contains(text, "did you mean \"TICKERFLOW_API_KEY_FILE\"?"));
  CAF_CHECK(!contains(text, "PGADMIN"));
  CAF_CHECK(!contains(text, "TEST_SERVER"));
}

CAF_TEST(a bad value is told with key and place and what is allowed) {
  variables = {{"TICKERFLOW_SHARDS", "many"},
               {"TICKERFLOW_API_TIMEOUT", "10"},
               {"TICKERFLOW_TICKERS", "TSLA,M S"},
               {"TICKERFLOW_MASTER", "host"},
               {"TICKERFLOW_EXTENDED_HOURS", "maybe"},
               {"TICKERFLOW_KAFKA_TOPIC_RAW", "a b"},
               {"TICKERFLOW_API_URL", "www.alphavantage.co"}};
  auto text = fault();
  CAF_CHECK(contains(text, "shards = \"many\" (environment TICKERFLOW_SHARDS): "
                           "allowed is a whole number from 1 to 1024"));
  CAF_CHECK(contains(text, "api_timeout = \"10\""));
  CAF_CHECK(contains(text, "(not \"M S\")"));
  CAF_CHECK(contains(text, "master = \"host\""));
  CAF_CHECK(contains(text, "true or false"));
  CAF_CHECK(contains(text, "kafka_topic_raw"));
  CAF_CHECK(contains(text, "api_url"));
}

CAF_TEST(bars of an hour are refused with the reason) {
  variables["TICKERFLOW_INTERVAL"] = "60min";
  CAF_CHECK(contains(fault(), "anchored at 09:30"));
}

CAF_TEST(settings that do not go together are faults) {
  variables = {{"TICKERFLOW_SUSPECT_AFTER", "5s"},
               {"TICKERFLOW_KAFKA_TOPIC_ALERTS", "stock_analysis"}};
  auto text = fault();
  CAF_CHECK(contains(text, "suspect_after = \"5s\" (environment "
                           "TICKERFLOW_SUSPECT_AFTER) must be less than "
                           "dead_after = \"4s\" (default)"));
  CAF_CHECK(contains(text, "must be different topics"));
}

CAF_TEST(certificates of node links are set together or not at all) {
  variables = {{"TICKERFLOW_TLS_CERT", "w1.pem"}, {"TICKERFLOW_TLS_CA", "ca"}};
  CAF_CHECK(contains(fault(), "tls_cert = \"w1.pem\" (environment "
                              "TICKERFLOW_TLS_CERT) and tls_ca = \"ca\" "
                              "(environment TICKERFLOW_TLS_CA) cannot encrypt "
                              "without tls_key: set all three"));
  variables["TICKERFLOW_TLS_KEY"] = "w1-key.pem";
  auto x = good();
  CAF_CHECK_EQUAL(x.cluster.tls_cert, "w1.pem");
  CAF_CHECK_EQUAL(x.cluster.tls_key, "w1-key.pem");
  CAF_CHECK_EQUAL(x.cluster.tls_ca, "ca");
  CAF_CHECK(!x.cluster.insecure_links);
}

CAF_TEST(tickers are made upper case and doubles dropped) {
  variables["TICKERFLOW_TICKERS"] = " tsla, brk.b ,TSLA,";
  CAF_CHECK_EQUAL(good().tickers, (std::vector<std::string>{"TSLA", "BRK.B"}));
}

CAF_TEST(a file that is no JSON or has a key twice is a fault without values) {
  write("tickerflow.json", "{\n \"api_key\": \"hush\" 1\n}");
  CAF_CHECK(contains(fault(), "is not JSON at line 2"));
  CAF_CHECK(!contains(fault(), "hush"));
  write("tickerflow.json", R"({"shards": 1, "shards": 2})");
  CAF_CHECK(contains(fault(), "shards stands there twice"));
  write("tickerflow.json", R"({"shards": [1]})");
  CAF_CHECK(contains(fault(), "shards must be one text"));
  write("tickerflow.json", R"({"shards": 1.5})");
  CAF_CHECK(contains(fault(), "shards = \"1.5\""));
}

CAF_TEST(a file can have comments and an object of client properties) {
  write("tickerflow.json", R"({ // TLS
    "kafka_properties": {"security.protocol": "SASL_SSL",
                         "sasl.password": "a,b=c"}})");
  auto x = good();
  CAF_REQUIRE_EQUAL(x.kafka.properties.size(), 2u);
  CAF_CHECK_EQUAL(x.kafka.properties[0].first, "sasl.password");
  CAF_CHECK_EQUAL(x.kafka.properties[0].second, "a,b=c");
  auto shown = show_text(x);
  CAF_CHECK(contains(shown, "sasl.password=***"));
  CAF_CHECK(!contains(shown, "a\\,b"));
}

CAF_TEST(a secret can stand in a file named by a variable) {
  variables["API_KEY_FILE"] = write("key", "ABCDEFGHIJKLMNOP\n");
  variables["POSTGRES_PASSWORD_FILE"] = write("pw", "p w'\r\n");
  auto x = good();
  CAF_CHECK_EQUAL(x.api.key, "ABCDEFGHIJKLMNOP");
  CAF_CHECK_EQUAL(origin(x, "api_key"), "environment API_KEY_FILE");
  CAF_CHECK_EQUAL(x.postgres.dsn, "host=localhost port=5434 user=tickerflow "
                                  "dbname=stock_data password='p w\\''");
}

CAF_TEST(a missing or empty secret file and both forms at once are faults) {
  variables["API_KEY_FILE"] = (folder / "none").string();
  CAF_CHECK(contains(fault(), "cannot read the file"));
  variables["API_KEY_FILE"] = write("empty", "\n");
  CAF_CHECK(contains(fault(), "is empty"));
  variables["API_KEY"] = "x";
  CAF_CHECK(contains(fault(), "leave one"));
}

CAF_TEST(secrets are refused as flags and not repeated) {
  flags.by_key["postgres"] = "postgresql://u:hush@h/db";
  flags.by_key["kafka_properties"] = "sasl.password=hush";
  flags.by_key["api_key"] = "hush";
  auto text = fault();
  CAF_CHECK(contains(text, "flag --postgres"));
  CAF_CHECK(contains(text, "flag --kafka-properties"));
  CAF_CHECK(contains(text, "flag --api-key"));
  CAF_CHECK(!contains(text, "hush"));
}

CAF_TEST(no secret is shown in any form) {
  variables = {
      {"API_KEY", "KEYKEYKEYKEYKEY1"},
      {"POSTGRES_PASSWORD", "pass word/1"},
      {"TICKERFLOW_KAFKA_PROPERTIES", "sasl.username=u,sasl.password=hush"}};
  auto x = good();
  for (auto& text : {show_text(x), show_json(x)})
    for (auto secret : {"KEYKEY", "pass word", "hush"})
      CAF_CHECK(!contains(text, secret));
  auto secrets = secrets_of(x);
  std::set<std::string> all(secrets.begin(), secrets.end());
  for (auto secret :
       {"KEYKEYKEYKEYKEY1", "pass word/1", "pass%20word%2F1", "hush"})
    CAF_CHECK_EQUAL(all.count(secret), 1u);
}

CAF_TEST(a bad connection string is a fault that hides the password) {
  variables["TICKERFLOW_POSTGRES"] = "mysql://u:hush@h/db";
  CAF_CHECK(contains(fault(), "postgres = \"mysql://u:***@h/db\""));
  variables["TICKERFLOW_POSTGRES"] = "password hush";
  CAF_CHECK(contains(fault(), "postgres = \"***\""));
}

CAF_TEST(the password joins a connection string without one) {
  variables = {{"POSTGRES_PASSWORD", "a&b"},
               {"TICKERFLOW_POSTGRES", "postgresql://u@h/db?sslmode=require"}};
  CAF_CHECK_EQUAL(good().postgres.dsn,
                  "postgresql://u@h/db?sslmode=require&password=a%26b");
  variables["TICKERFLOW_POSTGRES"] = "host=h user=u";
  CAF_CHECK_EQUAL(good().postgres.dsn, "host=h user=u password=a&b");
  variables["TICKERFLOW_POSTGRES"] = "postgresql://u:own@h/db";
  CAF_CHECK_EQUAL(good().postgres.dsn, "postgresql://u:own@h/db");
}

CAF_TEST(parts that a connection string overrules are noted) {
  variables = {{"POSTGRES_HOST", "h2"}, {"TICKERFLOW_POSTGRES", "host=h1"}};
  auto x = good();
  CAF_REQUIRE_EQUAL(x.notes.size(), 1u);
  CAF_CHECK(contains(x.notes[0], "postgres_host = \"h2\""));
}

CAF_TEST(dotenv values with references are faults if they are ours) {
  write(".env", "POSTGRES_PASSWORD=pa$word\nOTHER=${X}\n");
  CAF_CHECK(contains(fault(), "single quotes"));
  write(".env", "POSTGRES_PASSWORD='pa$word'\nOTHER=${X}\n");
  CAF_CHECK_EQUAL(good().postgres.password, "pa$word");
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(every setting has a name of its own and says what it is) {
  std::set<std::string> names;
  for (auto& x : setting_table()) {
    CAF_CHECK(!x.help.empty());
    CAF_CHECK(x.verbs != 0);
    for (auto& name : variable_names(x))
      CAF_CHECK(names.insert(name).second);
  }
}

CAF_TEST(every setting stands in the example of.env) {
  std::ifstream file{TICKERFLOW_SOURCE_DIR "/.env.example"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  for (auto& x : setting_table()) {
    auto found = false;
    for (auto& name : variable_names(x))
      found = found || contains(text, "\n" + name + "=")
              || contains(text, "\n#" + name + "=");
    if (!found)
      CAF_ERROR("not in .env.example: " << x.key);
  }
}

CAF_TEST(passwords are masked wherever they stand in a connection string) {
  CAF_CHECK_EQUAL(mask_dsn("postgresql://u:p@h:1/db"),
                  "postgresql://u:***@h:1/db");
  CAF_CHECK_EQUAL(mask_dsn("postgresql://u:p@ss@h/db"),
                  "postgresql://u:***@h/db");
  CAF_CHECK_EQUAL(mask_dsn("postgresql://u:p/s@h/db"),
                  "postgresql://u:***@h/db");
  CAF_CHECK_EQUAL(mask_dsn("postgresql://u@h/db?password=p&x=1"),
                  "postgresql://u@h/db?password=***&x=1");
  CAF_CHECK_EQUAL(mask_dsn("host=h password='a b\\'c' user=u"),
                  "host=h password=*** user=u");
  CAF_CHECK_EQUAL(mask_dsn("host=h PASSWORD = p"), "host=h PASSWORD = ***");
  CAF_CHECK_EQUAL(mask_dsn("postgresql://u@h/db"), "postgresql://u@h/db");
}

CAF_TEST(endpoints need a port and brackets around IPv6) {
  CAF_CHECK(!parse_endpoint("h"));
  CAF_CHECK(!parse_endpoint("h:0"));
  CAF_CHECK(!parse_endpoint("h:65536"));
  CAF_CHECK(!parse_endpoint("::1:80"));
  CAF_CHECK(!parse_endpoint(":80"));
  auto x = parse_endpoint("[::1]:80");
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->host, "::1");
  CAF_CHECK_EQUAL(to_string(*x), "[::1]:80");
}

CAF_TEST(a near name is suggested and a far one is not ) {
  CAF_CHECK_EQUAL(edit_distance("tickers", "tikcers"), 1u);
  CAF_CHECK_EQUAL(edit_distance("", "abc"), 3u);
  CAF_CHECK_EQUAL(edit_distance("kitten", "sitting"), 3u);
  CAF_CHECK_EQUAL(nearest("stauts", {"run", "status"}).value_or(""), "status");
  CAF_CHECK(!nearest("banana", {"run", "status"}));
}
