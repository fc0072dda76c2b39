#define CAF_SUITE simulator_faults

#include "io/simulator/bar_faults.hpp"
#include "io/simulator/faults.hpp"
#include "io/simulator/simulator.hpp"
#include "io/simulator/texts.hpp"
#include "test/http_probe.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <set>
#include <stdexcept>

using namespace tickerflow;
using namespace tickerflow::sim;
using namespace std::chrono_literals;

namespace {

const std::string query =
    "/query?function=TIME_SERIES_INTRADAY&symbol=TSLA&interval=5min"
    "&outputsize=full&apikey=SECRET0000000000";

simulator_options still(std::vector<std::string> faults = {}) {
  simulator_options result;
  result.port = 0;
  result.start = "2020-11-04 12:00";
  result.speed = 0;
  result.faults = std::move(faults);
  return result;
}

struct fixture {
  fixture() : uut(still()) { uut.start(); }

  probe::answer ask(const std::string& fault) {
    uut.set_faults({fault});
    return probe::get(uut.port(), query);
  }

  nlohmann::json series() {
    auto body = nlohmann::json::parse(probe::get(uut.port(), query).body);
    return body.value("Time Series (5min)", nlohmann::json::object());
  }

  nlohmann::json truth() {
    auto target = "/sim/truth?symbol=TSLA&interval=5min";
    return nlohmann::json::parse(probe::get(uut.port(), target).body);
  }

  simulator uut;
};

bool has(const probe::answer& x, const char* text) {
  return x.body.find(text) != std::string::npos;
}

std::string label(const nlohmann::json& start) {
  return format_wall_time(*parse_rfc3339(start.get<std::string>()),
                          exchange_zone);
}

std::string reason_of(const std::string& text) {
  try {
    parse_fault(text);
  } catch (const std::invalid_argument& x) {
    return x.what();
  }
  return "";
}

timestamp at(const std::string& text) { return *parse_instant(text); }

} // namespace

CAF_TEST(a fault that is written is read again) {
  for (std::string text :
       {"http_503:2", "burst:1.0", "invalid_call@TSLA:3", "late:0.1:7",
        "corrected@MSFT:0.25:10", "slow:2000:1", "gap:0.05"})
    CAF_CHECK_EQUAL(to_string(parse_fault(text)), text);
  CAF_CHECK_EQUAL(to_string(parse_fault("burst")), "burst:1.0");
  CAF_CHECK_EQUAL(to_string(parse_fault("empty:10%")), "empty:0.1");
  CAF_CHECK_EQUAL(to_string(parse_fault("late")), "late:0.05:5");
  CAF_CHECK_EQUAL(to_string(parse_fault("bad:1")), "bad:1.0");
}

CAF_TEST(what is no fault is refused with what there is) {
  CAF_CHECK(reason_of("http_50").find("http_503") != std::string::npos);
  CAF_CHECK(!reason_of("burst:often").empty());
  CAF_CHECK(!reason_of("burst:1.5").empty());
  CAF_CHECK(!reason_of("burst:1:2").empty());
  CAF_CHECK(!reason_of("slow").empty());
  CAF_CHECK(!reason_of("late:0.1:2:3").empty());
  CAF_CHECK(!reason_of("gap:2").empty());
}

CAF_TEST(a counted fault is used up and a likely one comes as often) {
  fault_board counted{{parse_fault("burst:2")}, 1};
  auto n = 0;
  for (auto i = 0; i < 10; ++i)
    n += counted.draw("A").answer.has_value();
  CAF_CHECK_EQUAL(n, 2);
  fault_board likely{{parse_fault("burst:0.2")}, 1};
  n = 0;
  for (auto i = 0; i < 1000; ++i)
    n += likely.draw("A").answer.has_value();
  CAF_CHECK(n > 150 && n < 250);
}

CAF_TEST(a fault of one symbol leaves the others alone) {
  fault_board uut{{parse_fault("burst@tsla")}, 1};
  CAF_CHECK(!uut.draw("MSFT").answer);
  CAF_CHECK(uut.draw("TSLA").answer);
}

CAF_TEST_FIXTURE_SCOPE(served, fixture)

CAF_TEST(each refusal comes as JSON with status 200) {
  for (auto& [fault, text] : std::vector<std::pair<const char*, const char*>>{
           {"burst", "1 request per second"},
           {"per_minute", "calls per minute"},
           {"daily", "25 requests per day"},
           {"daily_names_key", "API key as SECRET0000000000"},
           {"premium", "premium endpoint"},
           {"premium_outputsize", "outputsize=full parameter value is a "
                                  "premium feature"},
           {"invalid_key", "apikey is invalid or missing"},
           {"demo", "**demo** API key"},
           {"invalid_call", "Invalid API call"},
           {"unknown_function", "does not exist"},
           {"empty", "{}"}}) {
    auto x = ask(fault);
    CAF_CHECK_EQUAL(x.status, 200u);
    CAF_CHECK(has(x, text));
    CAF_CHECK(nlohmann::json::accept(x.body));
    CAF_CHECK(!has(x, "Time Series"));
  }
}

CAF_TEST(refusals with a status have it) {
  auto x = ask("http_503");
  CAF_CHECK_EQUAL(x.status, 503u);
  CAF_CHECK(has(x, "Application Error"));
  CAF_CHECK_EQUAL(x.header("Content-Type"), "text/html; charset=utf-8");
  CAF_CHECK_EQUAL(ask("http_500").status, 500u);
  x = ask("http_429");
  CAF_CHECK_EQUAL(x.status, 429u);
  CAF_CHECK_EQUAL(x.header("Retry-After"), "2");
  x = ask("http_406");
  CAF_CHECK_EQUAL(x.status, 406u);
  CAF_CHECK(has(x, "Accept header"));
}

CAF_TEST(a page and spelled cells come with status 200) {
  auto x = ask("html");
  CAF_CHECK_EQUAL(x.status, 200u);
  CAF_CHECK(has(x, "<html>"));
  x = ask("csv_spelled");
  CAF_CHECK_EQUAL(x.status, 200u);
  CAF_CHECK(has(x, "I,n,f,o,r,m,a"));
}

CAF_TEST(a truncated body ends before its length) {
  auto whole = ask("empty:0");
  auto cut = ask("truncated");
  CAF_CHECK(!whole.error);
  CAF_CHECK(cut.error == probe::http::error::partial_message);
  CAF_CHECK_EQUAL(cut.header("Content-Length"), whole.header("Content-Length"));
}

CAF_TEST(a slow answer is right and late) {
  auto start = std::chrono::steady_clock::now();
  auto x = ask("slow:150");
  CAF_CHECK(std::chrono::steady_clock::now() - start >= 150ms);
  CAF_CHECK(has(x, "Time Series (5min)"));
}

CAF_TEST(a gap is never served) {
  auto whole = series();
  uut.set_faults({"gap:0.2"});
  auto with_gaps = series();
  CAF_CHECK(with_gaps.size() > 0 && with_gaps.size() < whole.size());
  uut.set_now(at("2020-11-10 12:00"));
  auto later = series();
  auto x = truth();
  CAF_CHECK(!x["gap"].empty());
  for (auto& start : x["gap"])
    CAF_CHECK(!later.contains(label(start)));
}

CAF_TEST(a late bar comes some minutes after its end) {
  uut.set_faults({"late:0.5:5"});
  uut.set_now(at("2020-11-04 12:30"));
  auto late = truth()["late"];
  CAF_REQUIRE(!late.empty());
  auto newest = *parse_rfc3339(late.back().get<std::string>());
  uut.set_now(newest + 5min + 5min - 1s);
  CAF_CHECK(!series().contains(label(late.back())));
  uut.set_now(newest + 5min + 5min);
  CAF_CHECK(series().contains(label(late.back())));
}

CAF_TEST(a bad bar has its high below its low) {
  uut.set_faults({"bad:0.1"});
  auto bars = series();
  auto bad = truth()["bad"];
  CAF_REQUIRE(!bad.empty());
  std::set<std::string> labels;
  for (auto& start : bad)
    labels.insert(label(start));
  for (auto& [name, x] : bars.items()) {
    auto low = std::stod(x["3. low"].get<std::string>());
    auto high = std::stod(x["2. high"].get<std::string>());
    if (name != "2020-11-04 12:00:00") // in the making: not in the truth yet
      CAF_CHECK_EQUAL(high < low, labels.count(name) == 1);
  }
}

CAF_TEST(a corrected bar is wrong at first and true in the end) {
  uut.set_faults({"corrected:0.5:10"});
  uut.set_now(at("2020-11-04 12:30"));
  auto first = truth();
  auto corrected = first["corrected"];
  CAF_REQUIRE(!corrected.empty());
  auto start = corrected.back();
  auto name = label(start);
  auto t = *parse_rfc3339(start.get<std::string>());
  uut.set_now(t + 5min + 10min - 1s);
  auto wrong = series()[name];
  auto again = series()[name]; // wrong in the same way each time
  CAF_CHECK_EQUAL(wrong, again);
  uut.set_now(t + 5min + 10min);
  auto right = series()[name];
  for (auto field : {"2. high", "4. close", "5. volume"})
    CAF_CHECK(wrong[field] != right[field]);
  for (auto& x : first["bars"]) {
    if (x["start"] != start)
      continue;
    std::string close;
    append_fixed_e4(close, x["close_e4"].get<std::int64_t>());
    CAF_CHECK_EQUAL(right["4. close"].get<std::string>(), close);
    CAF_CHECK_EQUAL(right["5. volume"].get<std::string>(),
                    std::to_string(x["volume_shares"].get<std::int64_t>()));
  }
}

CAF_TEST(faults are switched by request) {
  auto x = probe::post(uut.port(), "/sim/faults", R"(["http_503:1"])");
  CAF_CHECK_EQUAL(x.status, 200u);
  x = probe::post(uut.port(), "/sim/faults", R"({"add": ["http_500:1"]})");
  CAF_CHECK(has(x, "http_503:1") && has(x, "http_500:1"));
  CAF_CHECK_EQUAL(probe::get(uut.port(), query).status, 503u);
  CAF_CHECK_EQUAL(probe::get(uut.port(), query).status, 500u);
  CAF_CHECK_EQUAL(probe::get(uut.port(), query).status, 200u);
  for (auto body : {"", "{}", "[1]", "[\"nonsense\"]", "[\"burst:x\"]"}) {
    x = probe::post(uut.port(), "/sim/faults", body);
    CAF_CHECK_EQUAL(x.status, 400u);
    CAF_CHECK(has(x, "error"));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
