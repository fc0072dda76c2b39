#define CAF_SUITE legacy_bar

#include "io/legacy/left_out.hpp"
#include "io/legacy/report.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

legacy_row row(std::string date = "2020-11-02 09:30:00") {
  legacy_row x;
  x.symbol = "TSLA";
  x.date = std::move(date);
  x.open = "400.1";
  x.high = "402.0000";
  x.low = "399.5";
  x.close = "401";
  x.place = 1;
  return x;
}

legacy_bar read(const legacy_row& x, bar_label label = bar_label::start,
                std::chrono::seconds interval = 1min) {
  return legacy_bar_reader{{}, label, nyse()}.read(x, interval);
}

std::string reason_of(const legacy_row& x) {
  auto found = read(x);
  return found.left_out ? std::string{to_string(found.reason)} : "none";
}

} // namespace

CAF_TEST(a row becomes a bar without volume at its New York time) {
  auto x = row();
  x.symbol = " tsla";
  auto found = read(x);
  CAF_REQUIRE(!found.left_out);
  CAF_CHECK_EQUAL(found.value.symbol, "TSLA");
  CAF_CHECK_EQUAL(format_rfc3339(found.value.start), "2020-11-02T14:30:00Z");
  CAF_CHECK_EQUAL(found.value.open_e4, 4'001'000);
  CAF_CHECK_EQUAL(found.value.volume_shares, no_volume);
  x.volume = "1200";
  CAF_CHECK_EQUAL(read(x).value.volume_shares, 1200);
}

CAF_TEST(a label that is an end names the bar before it) {
  auto found = read(row("2020-11-02 09:35"), bar_label::end, 5min);
  CAF_REQUIRE(!found.left_out);
  CAF_CHECK_EQUAL(format_rfc3339(found.value.start), "2020-11-02T14:30:00Z");
}

CAF_TEST(what cannot be used is left out with its reason) {
  CAF_CHECK_EQUAL(reason_of(row()), "none");
  auto with = [](auto change) {
    auto x = row();
    change(x);
    return reason_of(x);
  };
  using r = legacy_row;
  CAF_CHECK_EQUAL(with([](r& x) { x.symbol = "T;LA"; }), "bad_symbol");
  CAF_CHECK_EQUAL(with([](r& x) { x.symbol.clear(); }), "bad_symbol");
  CAF_CHECK_EQUAL(with([](r& x) { x.date.clear(); }), "bad_time");
  CAF_CHECK_EQUAL(with([](r& x) { x.date = "yesterday"; }), "bad_time");
  CAF_CHECK_EQUAL(with([](r& x) { x.date = "2020-03-08 02:30"; }),
                  "skipped_time");
  CAF_CHECK_EQUAL(with([](r& x) { x.open = "NaN"; }), "bad_number");
  CAF_CHECK_EQUAL(with([](r& x) { x.close.clear(); }), "bad_number");
  CAF_CHECK_EQUAL(with([](r& x) { x.volume = "1.5"; }), "bad_number");
  CAF_CHECK_EQUAL(with([](r& x) { x.volume = "-1"; }), "invalid_bar");
  CAF_CHECK_EQUAL(with([](r& x) { x.low = "500"; }), "invalid_bar");
  CAF_CHECK_EQUAL(with([](r& x) { x.open = "-3"; }), "invalid_bar");
  CAF_CHECK_EQUAL(with([](r& x) { x.date = "2020-11-01 01:30"; }),
                  "outside_session"); // Sunday, twice; in no session
  CAF_CHECK_EQUAL(with([](r& x) { x.date = "2020-11-26 10:00"; }),
                  "outside_session"); // Thanksgiving
  CAF_CHECK_EQUAL(with([](r& x) { x.date = "2020-11-02 09:30:30"; }),
                  "misaligned");
}

CAF_TEST(a time that passed twice in sessions is left out) {
  // Most zones change on Sundays, out of all sessions. Cairo did at the end of
  // a Thursday: 23:30 was 16:30 and then 17:30 in New York.
  legacy_bar_reader uut{{0s, "Africa/Cairo", ""}, bar_label::start, nyse()};
  auto found = uut.read(row("2024-10-31 23:30"), 1min);
  CAF_REQUIRE(found.left_out);
  CAF_CHECK_EQUAL(std::string{to_string(found.reason)}, "ambiguous_time");
}

CAF_TEST(of doubled rows identical ones drop and of others the last wins) {
  merged_day uut;
  auto first = row();
  first.times = 3;
  CAF_CHECK(uut.add(read(first).value, first).empty());
  auto same = row();
  same.high = "402"; // another text, the same price
  same.place = 2;
  CAF_CHECK(uut.add(read(same).value, same).empty());
  CAF_CHECK_EQUAL(uut.bars()[0].doubled, 3);
  auto corrected = row();
  corrected.close = "400.5";
  corrected.place = 9;
  auto lost = uut.add(read(corrected).value, corrected);
  CAF_REQUIRE_EQUAL(lost.size(), 1u);
  CAF_CHECK_EQUAL(lost[0].times, 4); // all that had the old values
  CAF_CHECK_EQUAL(uut.bars()[0].value.close_e4, 4'005'000);
  // An older row that comes later in another spelling does not win.
  auto older = row();
  older.close = "400.9";
  older.place = 5;
  lost = uut.add(read(older).value, older);
  CAF_REQUIRE_EQUAL(lost.size(), 1u);
  CAF_CHECK_EQUAL(lost[0].close, "400.9");
  CAF_CHECK_EQUAL(uut.bars()[0].value.close_e4, 4'005'000);
  CAF_CHECK_EQUAL(uut.bars().size(), 1u);
}

CAF_TEST(rows left out are written with their texts and reasons) {
  auto path = std::filesystem::temp_directory_path()
              / ("left_out_" + std::to_string(::getpid()) + ".csv");
  {
    left_out_file uut{path.string()};
    CAF_REQUIRE(!uut.prepare());
    CAF_CHECK(!std::filesystem::exists(path)); // nothing left out: no file
    auto x = row("a \"time\", once");
    x.times = 7;
    CAF_REQUIRE(!uut.add(left_out_reason::bad_time, "date: why", x));
    CAF_CHECK(uut.written());
  }
  std::ifstream file{path};
  std::string header, line;
  std::getline(file, header);
  std::getline(file, line);
  CAF_CHECK_EQUAL(line, "bad_time,date: why,7,1,TSLA,\"a \"\"time\"\", once\","
                        "400.1,402.0000,399.5,401,");
  std::filesystem::remove(path);
  left_out_file nowhere{"/proc/no/such.csv"};
  auto error = nowhere.prepare();
  CAF_CHECK(error == errc::bad_setting);
  CAF_CHECK_NOT_EQUAL(text_of(error).find("--left-out"), std::string::npos);
}

CAF_TEST(the report adds up and says the same as JSON) {
  legacy_report x;
  x.table = "stocks";
  x.detected = true;
  x.in_session = 0.999;
  x.reading = {0s, "UTC", ""};
  auto& tsla = x.tickers["TSLA"];
  tsla.interval = 1min;
  tsla.rows = 1234567;
  tsla.stored = 1234000;
  tsla.doubled = 560;
  tsla.left_out[static_cast<size_t>(left_out_reason::superseded)] = 7;
  tsla.first = *parse_rfc3339("2020-11-02T14:30:00Z");
  tsla.last = *parse_rfc3339("2020-11-27T17:59:00Z");
  x.tickers["GOOG"].rows = 3;
  x.tickers["GOOG"].known = 3;
  CAF_CHECK_EQUAL(x.total().rows, 1234570);
  auto text = report_text(x);
  for (auto wanted : {"--zone UTC", "1,234,570", "99.9 %", "superseded",
                      "2020-11-02 09:30", "TSLA"})
    CAF_CHECK_NOT_EQUAL(text.find(wanted), std::string::npos);
  auto json = nlohmann::json::parse(report_json(x));
  CAF_CHECK_EQUAL(json["total"]["rows"], 1234570);
  CAF_CHECK_EQUAL(json["total"]["left_out"]["superseded"], 7);
  CAF_CHECK_EQUAL(json["times"]["zone"], "UTC");
  CAF_CHECK_EQUAL(json["tickers"][1]["last_bar"], "2020-11-27T17:59:00Z");
  CAF_CHECK(json["tickers"][0]["first_bar"].is_null());
}
