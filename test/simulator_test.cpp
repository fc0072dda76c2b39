#define CAF_SUITE simulator

#include "io/simulator/simulator.hpp"

#include "io/simulator/recorded_market.hpp"
#include "io/simulator/texts.hpp"
#include "market/calendar.hpp"
#include "test/http_probe.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <thread>

#include <unistd.h>

using namespace tickerflow;
using namespace tickerflow::sim;
using namespace date::literals;
using namespace std::chrono_literals;

namespace {

simulator_options still_at(const std::string& start) {
  simulator_options result;
  result.port = 0;
  result.start = start;
  result.speed = 0;
  return result;
}

std::string query(const std::string& rest) {
  return "/query?function=TIME_SERIES_INTRADAY&apikey=test&" + rest;
}

nlohmann::ordered_json ask(simulator& uut, const std::string& rest) {
  auto x = probe::get(uut.port(), query(rest));
  return nlohmann::ordered_json::parse(x.body);
}

std::string text_of(simulator& uut, const std::string& target) {
  return probe::get(uut.port(), target).body;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

timestamp at(const std::string& text) { return *parse_instant(text); }

std::string reason_of(const simulator_options& options) {
  try {
    simulator{options};
  } catch (const std::exception& x) {
    return x.what();
  }
  return "";
}

std::string scratch(const char* name) {
  return "/tmp/tickerflow-" + std::to_string(::getpid()) + '-' + name;
}

} // namespace

CAF_TEST(a recorded day is served bar by bar) {
  simulator uut{still_at("2020-11-30 03:00")};
  uut.start();
  auto series = ask(uut, "symbol=MSFT&interval=1min&outputsize=full"
                         "&month=2020-11")["Time Series (1min)"];
  auto recorded = recorded_market::embedded();
  size_t n = 0;
  for (date::sys_days day = 2020_y / 11 / 1; day <= 2020_y / 11 / 29;
       day += date::days(1))
    for (auto& x : recorded.find("MSFT")->day(day)) {
      ++n;
      auto& y = series[format_wall_time(x.start, exchange_zone)];
      auto same = [&y](const char* name, std::int64_t value_e4) {
        std::string text;
        append_fixed_e4(text, value_e4);
        return y[name] == text;
      };
      CAF_REQUIRE(same("1. open", x.open_e4) && same("2. high", x.high_e4)
                  && same("3. low", x.low_e4) && same("4. close", x.close_e4)
                  && y["5. volume"] == std::to_string(x.volume_shares));
    }
  CAF_CHECK_EQUAL(series.size(), n);
  CAF_CHECK_GREATER(n, 12'000u);
}

CAF_TEST(the body is written as the service writes it) {
  auto options = still_at("2020-10-26 04:01:30");
  options.whole_newest = true;
  simulator uut{options};
  uut.start();
  auto x =
      probe::get(uut.port(), query("symbol=aapl&interval=1min&month=2020-10"));
  // The recording's first rows, in the form of the recorded answers.
  std::string begin = R"json({
    "Meta Data": {
        "1. Information": "Intraday (1min) open, high, low, close prices and volume",
        "2. Symbol": "aapl",
        "3. Last Refreshed": "2020-10-26 04:01:00",
        "4. Interval": "1min",
        "5. Output Size": "Compact",
        "6. Time Zone": "US/Eastern"
    },
    "Time Series (1min)": {
        "2020-10-26 04:01:00": {
            "1. open": "113.3043",
            "2. high": "113.5239",
            "3. low": "113.3043",
            "4. close": "113.5239",
            "5. volume": "2057"
        },
        "2020-10-26 04:00:00": {
            "1. open": "113.5040",
            "2. high": "113.5838",
            "3. low": "113.3043",
            "4. close": "113.3043",
            "5. volume": "12653"
        },
)json";
  std::string end = "        }\n    }\n}\n";
  CAF_CHECK_EQUAL(x.body.substr(0, begin.size()), begin);
  CAF_CHECK_EQUAL(x.body.substr(x.body.size() - end.size()), end);
  CAF_CHECK_EQUAL(x.header("Content-Type"), "application/json");
}

CAF_TEST(a month holds only what is recorded or invented of it) {
  simulator uut{still_at("2020-11-15 12:00")};
  uut.start();
  auto series = ask(uut, "symbol=TSLA&interval=60min&outputsize=full"
                         "&month=2020-10")["Time Series (60min)"];
  CAF_CHECK_EQUAL(series.begin().key(), "2020-10-30 19:00:00");
  CAF_CHECK(contains(std::prev(series.end()).key(), "2020-10-01 "));
  CAF_CHECK_EQUAL(ask(uut, "symbol=TSLA&interval=60min&month=2021-03").size(),
                  0u); // the future is an empty object
}

CAF_TEST(compact is the newest hundred and full the last thirty days) {
  simulator uut{still_at("2020-12-15 12:02")};
  uut.start();
  auto compact = ask(uut, "symbol=TSLA&interval=5min");
  CAF_CHECK_EQUAL(compact["Meta Data"]["5. Output Size"], "Compact");
  auto& bars = compact["Time Series (5min)"];
  CAF_CHECK_EQUAL(bars.size(), 100u);
  CAF_CHECK_EQUAL(bars.begin().key(), "2020-12-15 12:00:00");
  auto full = ask(uut, "symbol=TSLA&interval=5min&outputsize=full");
  CAF_CHECK_EQUAL(full["Meta Data"]["5. Output Size"], "Full size");
  auto& all = full["Time Series (5min)"];
  CAF_CHECK(contains(std::prev(all.end()).key(), "2020-11-16 "));
  CAF_CHECK_EQUAL(all.begin().value(), bars.begin().value());
}

CAF_TEST(regular hours are those of the exchange also on a half day) {
  simulator uut{still_at("2020-11-30 03:00")};
  uut.start();
  auto series = ask(uut, "symbol=AAPL&interval=5min&outputsize=full"
                         "&extended_hours=false")["Time Series (5min)"];
  CAF_CHECK_EQUAL(series.begin().key(), "2020-11-27 12:55:00");
  CAF_CHECK(series.contains("2020-11-25 15:55:00"));
  CAF_CHECK(!series.contains("2020-11-25 16:00:00"));
  CAF_CHECK(series.contains("2020-11-25 09:30:00"));
  CAF_CHECK(!series.contains("2020-11-25 09:25:00"));
}

CAF_TEST(sixty minutes sit on the clock hour) {
  simulator uut{still_at("2020-11-03 03:00")};
  uut.start();
  auto series = ask(uut, "symbol=TSLA&interval=60min&outputsize=full"
                         "&month=2020-11")["Time Series (60min)"];
  CAF_CHECK_EQUAL(series.size(), 16u); // 04:00 to 19:00 of one day
  CAF_CHECK(series.contains("2020-11-02 09:00:00"));
}

CAF_TEST(end labels are the old form) {
  auto options = still_at("2020-11-03 03:00");
  options.label = bar_label::end;
  simulator uut{options};
  uut.start();
  auto series = ask(uut, "symbol=TSLA&interval=5min")["Time Series (5min)"];
  CAF_CHECK_EQUAL(series.begin().key(), "2020-11-02 20:00:00");
}

CAF_TEST(CSV is an attachment with the same bars) {
  simulator uut{still_at("2020-11-03 03:00")};
  uut.start();
  auto x = probe::get(uut.port(), query("symbol=TSLA&interval=5min"
                                        "&datatype=csv"));
  CAF_CHECK_EQUAL(x.header("Content-Type"), "application/x-download");
  CAF_CHECK_EQUAL(x.header("Content-Disposition"),
                  "attachment; filename=intraday_5min_TSLA.csv");
  auto lines = split_text(x.body, '\n');
  CAF_CHECK_EQUAL(std::string{lines[0]},
                  "timestamp,open,high,low,close,volume\r");
  CAF_CHECK_EQUAL(lines.size(), 102u); // header, 100 bars, end of the last line
  auto series = ask(uut, "symbol=TSLA&interval=5min")["Time Series (5min)"];
  auto& newest = series.begin().value();
  CAF_CHECK_EQUAL(std::string{lines[1]},
                  series.begin().key() + ','
                      + newest["1. open"].get<std::string>() + ','
                      + newest["2. high"].get<std::string>() + ','
                      + newest["3. low"].get<std::string>() + ','
                      + newest["4. close"].get<std::string>() + ','
                      + newest["5. volume"].get<std::string>() + '\r');
}

CAF_TEST(delayed bars are held back for a quarter of an hour and say so) {
  simulator uut{still_at("2020-11-02 12:02")};
  uut.start();
  auto x = ask(uut, "symbol=TSLA&interval=1min&entitlement=delayed");
  CAF_CHECK_EQUAL(x["Meta Data"]["1. Information"],
                  "Intraday (1min) open, high, low, close prices and volume - "
                  "DATA DELAYED BY 15 MINUTES");
  CAF_CHECK_EQUAL(x["Meta Data"]["3. Last Refreshed"], "2020-11-02 11:47:00");
}

CAF_TEST(today can be kept for those with an entitlement) {
  auto options = still_at("2020-11-02 12:02");
  options.closed_days_only = true;
  simulator uut{options};
  uut.start();
  auto free = ask(uut, "symbol=TSLA&interval=5min");
  CAF_CHECK_EQUAL(free["Meta Data"]["3. Last Refreshed"],
                  "2020-10-30 19:55:00");
  auto paid = ask(uut, "symbol=TSLA&interval=5min&entitlement=realtime");
  CAF_CHECK_EQUAL(paid["Meta Data"]["3. Last Refreshed"],
                  "2020-11-02 12:00:00");
}

CAF_TEST(the newest bar is in the making and never from the future) {
  simulator uut{still_at("2020-11-02 09:34:30")};
  uut.start();
  auto name = "2020-11-02 09:30:00";
  auto part = ask(uut, "symbol=TSLA&interval=5min");
  CAF_CHECK_EQUAL(part["Meta Data"]["3. Last Refreshed"], name);
  uut.set_now(at("2020-11-02 09:35:00"));
  auto whole = ask(uut, "symbol=TSLA&interval=5min");
  auto volume = [name](auto& x) {
    return std::stoll(
        x["Time Series (5min)"][name]["5. volume"].template get<std::string>());
  };
  CAF_CHECK_LESS(volume(part), volume(whole));
  uut.set_now(at("2020-11-02 12:00:00"));
  auto later = ask(uut, "symbol=TSLA&interval=5min");
  CAF_CHECK_EQUAL(volume(later), volume(whole));
}

CAF_TEST(the date of an answer is the simulated time) {
  simulator uut{still_at("2020-11-02 09:34:30")};
  uut.start();
  auto x = probe::get(uut.port(), query("symbol=TSLA&interval=5min"));
  CAF_CHECK_EQUAL(x.header("Date"), "Mon, 02 Nov 2020 14:34:30 GMT");
  CAF_CHECK_EQUAL(probe::get(uut.port(), "/").header("Date"),
                  "Mon, 02 Nov 2020 14:34:30 GMT");
}

CAF_TEST(the date of an answer is not later than its bars) {
  // Else a reader takes the last bar, which is not complete, for final.
  simulator uut{still_at("2020-11-02 11:00")};
  uut.start();
  auto early = uut.now();
  auto jump = early + 24h;
  probe::client client{uut.port()};
  int before = 0;
  for (int i = 0; i < 100; ++i) {
    uut.set_now(early);
    // From before the question to after the answer, a step each time.
    std::thread other{[&] {
      std::this_thread::sleep_for(i * 50us);
      uut.set_now(jump);
    }};
    auto x = client.send(probe::http::verb::get,
                         query("symbol=MSFT&interval=1min&outputsize=full"));
    other.join();
    auto of_early = x.header("Date").find("02 Nov") != std::string::npos;
    before += of_early;
    if (!of_early && !contains(x.body, "Last Refreshed\": \"2020-11-03"))
      CAF_ERROR("jump after " << i * 50 << " us: " << x.header("Date"));
  }
  CAF_MESSAGE(before << " answers of before the jump");
}

CAF_TEST(without options the time is the real one) {
  simulator_options options;
  options.port = 0;
  simulator uut{options};
  uut.start();
  auto off = std::chrono::system_clock::now() - uut.now();
  CAF_CHECK(off >= 0s && off < 3s);
}

CAF_TEST(the clock file lets a second start go on) {
  auto options = still_at("2020-11-02 09:25");
  options.speed = 3600;
  options.clock_file = scratch("clock");
  timestamp stopped;
  {
    simulator first{options};
    first.start();
    std::this_thread::sleep_for(50ms);
    first.stop();
    stopped = first.now();
    CAF_CHECK_GREATER(stopped, at("2020-11-02 09:26"));
  }
  options.speed = 0;
  simulator second{options};
  CAF_CHECK(second.now() > at("2020-11-02 09:26"));
  CAF_CHECK(second.now() <= stopped);
  std::remove(options.clock_file.c_str());
}

CAF_TEST(wrong requests get the real texts) {
  simulator uut{still_at("2020-11-02 12:00")};
  uut.start();
  auto invalid_call = "Invalid API call. Please retry or visit the "
                      "documentation (https://www.alphavantage.co/"
                      "documentation/) for TIME_SERIES_INTRADAY.";
  for (auto rest : {"symbol=NOSUCH&interval=5min", "symbol=TSLA&interval=7min",
                    "symbol=TSLA&interval=1h", "symbol=TSLA", "interval=5min",
                    "symbol=TSLA&interval=5min&month=2020-13",
                    "symbol=TSLA&interval=5min&month=1999-12",
                    "symbol=TSLA&interval=5min&outputsize=huge",
                    "symbol=%22%0a&interval=5min"})
    CAF_CHECK_EQUAL(ask(uut, rest).value("Error Message", ""), invalid_call);
  CAF_CHECK(contains(text_of(uut, "/query?function=NONE&apikey=test"),
                     "This API function (NONE) does not exist."));
  CAF_CHECK(contains(text_of(uut, "/query?function=TIME_SERIES_INTRADAY"
                                  "&symbol=TSLA&interval=5min"),
                     "the parameter apikey is invalid or missing"));
  auto demo = "/query?function=TIME_SERIES_INTRADAY&apikey=demo&interval=5min"
              "&symbol=";
  CAF_CHECK(contains(text_of(uut, demo + std::string{"TSLA"}), "**demo**"));
  CAF_CHECK(contains(text_of(uut, demo + std::string{"IBM"}), "Meta Data"));
  CAF_CHECK_EQUAL(probe::get(uut.port(), "/nothing").status, 404u);
  CAF_CHECK_EQUAL(probe::post(uut.port(), "/query", "").status, 405u);
  CAF_CHECK_EQUAL(probe::get(uut.port(), query("symbol=TSLA&interval=5min"),
                             {{"Accept", "text/csv"}})
                      .status,
                  406u);
}

CAF_TEST(only given keys are accepted when some are given) {
  auto options = still_at("2020-11-02 12:00");
  options.keys = {"GOOD"};
  simulator uut{options};
  uut.start();
  auto target = "/query?function=TIME_SERIES_INTRADAY&symbol=TSLA"
                "&interval=5min&apikey=";
  CAF_CHECK(contains(text_of(uut, target + std::string{"GOOD"}), "Meta Data"));
  CAF_CHECK(contains(text_of(uut, target + std::string{"BAD"}), "invalid"));
}

CAF_TEST(limits are refused with the texts of the service and counted) {
  auto options = still_at("2020-11-02 12:00");
  options.calls_per_day = 3;
  simulator uut{options};
  uut.start();
  auto target = query("symbol=TSLA&interval=5min");
  for (auto i = 0; i < 3; ++i)
    CAF_CHECK(contains(text_of(uut, target), "Meta Data"));
  auto refused = probe::get(uut.port(), target);
  CAF_CHECK_EQUAL(refused.status, 200u);
  CAF_CHECK(contains(refused.body, "API rate limit is 3 requests per day"));
  CAF_CHECK_EQUAL(uut.calls_of("test"), 4);
  auto state = nlohmann::json::parse(text_of(uut, "/sim/state?apikey=test"));
  CAF_CHECK_EQUAL(state["now"], "2020-11-02T17:00:00Z");
  CAF_CHECK_EQUAL(state["requests"], 4);
  CAF_CHECK_EQUAL(state["refusals"], 1);
  CAF_CHECK_EQUAL(state["keys"][0]["today"], 4);
  CAF_CHECK_EQUAL(state["keys"][0]["refused"], 1);

  options.calls_per_day = 0;
  options.one_per_second = true;
  simulator burst{options};
  burst.start();
  text_of(burst, target);
  CAF_CHECK(contains(text_of(burst, target), "1 request per second"));
}

CAF_TEST(the gateway of RapidAPI refuses by status) {
  auto options = still_at("2020-11-02 12:00");
  options.calls_per_day = 1;
  simulator uut{options};
  uut.start();
  auto target = "/query?function=TIME_SERIES_INTRADAY&symbol=TSLA"
                "&interval=5min";
  probe::header_list key{{"x-rapidapi-key", "K"}};
  CAF_CHECK_EQUAL(probe::get(uut.port(), target, key).status, 200u);
  auto refused = probe::get(uut.port(), target, key);
  CAF_CHECK_EQUAL(refused.status, 429u);
  CAF_CHECK(contains(refused.body, "DAILY quota"));
}

CAF_TEST(premium features are refused when they are switched to be) {
  auto options = still_at("2020-11-02 12:00");
  options.premium = {"outputsize_full", "realtime"};
  simulator uut{options};
  uut.start();
  CAF_CHECK(
      contains(ask(uut, "symbol=TSLA&interval=5min&outputsize=full").dump(),
               "outputsize=full parameter value is a premium feature"));
  CAF_CHECK(contains(
      ask(uut, "symbol=TSLA&interval=5min&entitlement=realtime").dump(),
      "premium feature"));
  CAF_CHECK(ask(uut, "symbol=TSLA&interval=5min").contains("Meta Data"));
}

CAF_TEST(the truth is what full answers say in the end) {
  simulator uut{still_at("2020-11-03 03:00")};
  uut.start();
  auto truth = nlohmann::json::parse(
      text_of(uut, "/sim/truth?symbol=GOOGL&interval=5min&from=2020-11-02"
                   "&to=2020-11-02"));
  auto series = ask(uut, "symbol=GOOGL&interval=5min&outputsize=full"
                         "&month=2020-11")["Time Series (5min)"];
  CAF_CHECK_EQUAL(truth["bars"].size(), series.size());
  for (auto& x : truth["bars"]) {
    auto label = format_wall_time(*parse_rfc3339(x["start"].get<std::string>()),
                                  exchange_zone);
    std::string close;
    append_fixed_e4(close, x["close_e4"].get<std::int64_t>());
    CAF_REQUIRE(series[label]["4. close"] == close);
  }
}

CAF_TEST(the clock is set by request) {
  simulator uut{still_at("2020-11-02 12:00")};
  uut.start();
  auto x =
      probe::post(uut.port(), "/sim/clock", R"({"now": "2020-12-01 10:00"})");
  CAF_CHECK_EQUAL(x.status, 200u);
  CAF_CHECK_EQUAL(uut.now(), at("2020-12-01 10:00"));
  for (auto body : {"", "{}", R"({"now": "noon"})", R"({"speed": -1})"})
    CAF_CHECK_EQUAL(probe::post(uut.port(), "/sim/clock", body).status, 400u);
}

CAF_TEST(a connection serves many requests) {
  simulator uut{still_at("2020-11-02 12:00")};
  uut.start();
  probe::client client{uut.port()};
  for (auto i = 0; i < 20; ++i) {
    auto x =
        client.send(probe::http::verb::get, query("symbol=TSLA&interval=5min"));
    CAF_REQUIRE(!x.error);
    CAF_REQUIRE(x.status == 200u);
  }
  CAF_CHECK_EQUAL(uut.calls_of("test"), 20);
}

CAF_TEST(requests that are too large are refused) {
  simulator uut{still_at("2020-11-02 12:00")};
  uut.start();
  auto x = probe::get(uut.port(), "/query?symbol=" + std::string(20'000, 'A'));
  CAF_CHECK(x.status == 431u || x.error);
  x = probe::post(uut.port(), "/sim/faults", std::string(100'000, ' '));
  CAF_CHECK(x.status == 413u || x.error);
  CAF_CHECK_EQUAL(probe::get(uut.port(), "/").status, 200u);
}

CAF_TEST(a taken port is refused with what to do) {
  simulator first{still_at("2020-11-02 12:00")};
  auto options = still_at("2020-11-02 12:00");
  options.port = first.port();
  CAF_CHECK_EQUAL(reason_of(options),
                  "cannot listen on 127.0.0.1:" + std::to_string(options.port)
                      + ": address already in use (stop the other program or "
                        "give --port)");
}

CAF_TEST(wrong options are refused with what is allowed) {
  auto with = [](auto change) {
    auto options = still_at("2020-11-02 12:00");
    change(options);
    return reason_of(options);
  };
  CAF_CHECK(contains(with([](auto& x) { x.start = "soon"; }), "--start"));
  CAF_CHECK(contains(with([](auto& x) { x.speed = -1; }), "speed"));
  CAF_CHECK(contains(with([](auto& x) { x.faults = {"x"}; }), "no such fault"));
  CAF_CHECK(contains(with([](auto& x) { x.premium = {"x"}; }), "premium"));
  CAF_CHECK(contains(with([](auto& x) { x.bind = "nowhere"; }), "--bind"));
  CAF_CHECK(contains(with([](auto& x) { x.data = "/nowhere"; }), "/nowhere"));
  CAF_CHECK(
      contains(with([](auto& x) { x.tls_certificate = "x"; }), "go together"));
}

CAF_TEST(stopping lets the answer under way end and ends idle connections) {
  auto options = still_at("2020-11-02 12:00");
  options.faults = {"slow:60000"};
  auto uut = std::make_unique<simulator>(options);
  uut->start();
  probe::client idle{uut->port()};
  probe::answer x;
  std::thread asking{[&x, port = uut->port()] {
    x = probe::get(port, query("symbol=TSLA&interval=5min"));
  }};
  while (uut->calls_of("test") == 0)
    std::this_thread::sleep_for(5ms);
  std::this_thread::sleep_for(50ms);
  auto start = std::chrono::steady_clock::now();
  uut->stop();
  CAF_CHECK(std::chrono::steady_clock::now() - start < 1500ms);
  asking.join();
  CAF_CHECK(contains(x.body, "Meta Data"));
  auto port = uut->port();
  uut.reset();
  options.port = port; // free again at once
  CAF_CHECK_EQUAL(reason_of(options), "");
}

CAF_TEST(a made certificate is trusted by its authority alone) {
  auto folder = scratch("tls");
  auto options = still_at("2020-11-02 12:00");
  options.make_certificate = folder;
  auto target = query("symbol=TSLA&interval=5min");
  std::string authority;
  {
    simulator uut{options};
    uut.start();
    CAF_CHECK(contains(uut.url(), "https://localhost:"));
    for (auto name : {"localhost", "127.0.0.1"}) {
      auto x = probe::get_tls(uut.port(), uut.ca_file(), name, target);
      CAF_CHECK(contains(x.body, "Meta Data"));
    }
    auto is_trusted = [&](const std::string& ca, const char* name) {
      try {
        probe::get_tls(uut.port(), ca, name, target);
        return true;
      } catch (const std::exception&) {
        return false;
      }
    };
    CAF_CHECK(!is_trusted("", "localhost"));
    CAF_CHECK(!is_trusted(uut.ca_file(), "www.alphavantage.co"));
    CAF_CHECK(is_trusted(uut.ca_file(), "localhost"));
    uut.set_faults({"truncated:1"});
    auto cut = probe::get_tls(uut.port(), uut.ca_file(), "localhost", target);
    CAF_CHECK(cut.error);
    authority = uut.ca_file();
  }
  auto made = std::filesystem::last_write_time(authority);
  simulator again{options};
  CAF_CHECK(made == std::filesystem::last_write_time(authority));
  std::filesystem::remove_all(folder);
}
