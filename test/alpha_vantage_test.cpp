#define CAF_SUITE alpha_vantage

#include "io/alpha_vantage/answer.hpp"
#include "io/alpha_vantage/http_date.hpp"
#include "io/alpha_vantage/label_guard.hpp"
#include "io/alpha_vantage/refusal.hpp"
#include "io/alpha_vantage/request.hpp"

#include <caf/test/unit_test.hpp>

#include <fstream>
#include <iterator>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

constexpr auto key = "SECRET0123456789";

const std::string daily = "Thank you for using Alpha Vantage! Our standard API "
                          "rate limit is 25 requests per day. Please subscribe "
                          "to any of the premium plans at "
                          "https://www.alphavantage.co/premium/ to instantly "
                          "remove all daily rate limits.";
const std::string burst = "Thank you for using Alpha Vantage! Please consider "
                          "spreading out your free API requests more sparingly "
                          "(1 request per second). You may subscribe to any of "
                          "the premium plans at "
                          "https://www.alphavantage.co/premium/ to lift the "
                          "free key rate limit (25 requests per day) and "
                          "instantly remove all daily rate limits.";
const std::string per_minute = "Thank you for using Alpha Vantage! Our "
                               "standard API call frequency is 5 calls per "
                               "minute and 500 calls per day. Please visit "
                               "https://www.alphavantage.co/premium/ if you "
                               "would like to target a higher API call "
                               "frequency.";
const std::string premium_endpoint =
    "Thank you for using Alpha Vantage! This is a premium endpoint. You may "
    "subscribe to any of the premium plans at "
    "https://www.alphavantage.co/premium/ to instantly unlock all premium "
    "endpoints";
const std::string premium_full =
    "Thank you for using Alpha Vantage! The outputsize=full parameter value is "
    "a premium feature for the TIME_SERIES_DAILY endpoint. You may subscribe "
    "to any of the premium plans at https://www.alphavantage.co/premium/ to "
    "instantly unlock all premium features";
const std::string demo =
    "The **demo** API key is for demo purposes only. Please claim your free "
    "API key at (https://www.alphavantage.co/support/#api-key) to explore our "
    "full API offerings. It takes fewer than 20 seconds.";
const std::string bad_key =
    "the parameter apikey is invalid or missing. Please claim your free API "
    "key on (https://www.alphavantage.co/support/#api-key). It should take "
    "less than 20 seconds.";
const std::string bad_call =
    "Invalid API call. Please retry or visit the documentation "
    "(https://www.alphavantage.co/documentation/) for TIME_SERIES_INTRADAY.";

std::string object(const std::string& name, const std::string& text) {
  return "{\n    \"" + name + "\": \"" + text + "\"\n}";
}

std::string recorded(const std::string& name) {
  std::ifstream file{TICKERFLOW_SOURCE_DIR "/test/recorded_answers/" + name,
                     std::ios::binary};
  CAF_REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

answer_options expecting(std::string symbol, std::chrono::seconds interval,
                         bar_label label = bar_label::start) {
  answer_options result;
  result.symbol = std::move(symbol);
  result.interval = interval;
  result.label = label;
  result.key = key;
  result.received_at = *parse_rfc3339("2020-11-02T14:30:00Z");
  return result;
}

parsed_answer read(const std::string& body, const answer_options& options) {
  return parse_answer(body, 200, {}, options);
}

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The refusal that an answer to a request for five-minute bars of IBM is.
api_refusal refusal(const std::string& body, unsigned status = 200,
                    const header_list& headers = {}) {
  auto result = parse_answer(body, status, headers, expecting("IBM", 5min));
  CAF_REQUIRE(result.refusal);
  CAF_CHECK_EQUAL(result.refusal->symbol, "IBM");
  CAF_CHECK(result.answer.bars.empty());
  return *result.refusal;
}

std::string kind(const api_refusal& x) {
  return to_string(static_cast<refusal_class>(x.kind));
}

std::string kind(const std::string& body, unsigned status = 200) {
  return kind(refusal(body, status));
}

/// "start open high low close volume", prices in 1/10'000.
std::string text(const bar& x) {
  auto result = format_rfc3339(x.start);
  for (auto value :
       {x.open_e4, x.high_e4, x.low_e4, x.close_e4, x.volume_shares})
    result += ' ' + std::to_string(value);
  return result;
}

std::string first(const parsed_answer& x) {
  return text(x.answer.bars.front());
}
std::string last(const parsed_answer& x) { return text(x.answer.bars.back()); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string series(const std::string& rows,
                   const std::string& interval = "5min") {
  return R"({"Meta Data": {"1. Information": "Intraday", "2. Symbol": "ibm",)"
         R"("4. Interval": ")"
         + interval + R"(", "6. Time Zone": "US/Eastern"}, "Time Series ()"
         + interval + ")\": {" + rows + "}}";
}

std::string row(const std::string& label, const std::string& open,
                const std::string& high, const std::string& low,
                const std::string& close, const std::string& volume) {
  return '"' + label + R"(": {"1. open": ")" + open + R"(", "2. high": ")"
         + high + R"(", "3. low": ")" + low + R"(", "4. close": ")" + close
         + R"(", "5. volume": ")" + volume + "\"}";
}

const std::string good_row =
    row("2020-11-02 09:30:00", "10.0", "12.0", "9.0", "11.0", "100");

} // namespace

// -- recorded answers: the expected bars are the files' first and last rows,
//    New York's wall time plus 4 h (daylight saving) or 5 h

CAF_TEST(a summer bar of 2017 starts a minute before its label) {
  auto x = read(recorded("1min_cut_MSFT_2017-08-11.json"),
                expecting("MSFT", 1min, bar_label::end));
  CAF_REQUIRE(!x.refusal);
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 1u);
  // The label is 16:00 EDT, which is 20:00 UTC.
  CAF_CHECK_EQUAL(first(x),
                  "2017-08-11T19:59:00Z 724950 725300 724500 725000 2262503");
  CAF_CHECK_EQUAL(x.answer.bars[0].symbol, "MSFT");
  CAF_CHECK(x.answer.bars[0].interval == 1min);
  CAF_CHECK(!x.answer.delayed);
}

CAF_TEST(a winter answer of 100 bars comes in order of time) {
  auto x = read(recorded("1min_compact_MSFT_2017-12-18.json"),
                expecting("MSFT", 1min, bar_label::end));
  CAF_REQUIRE(!x.refusal);
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 100u);
  CAF_CHECK(x.answer.rejected.empty());
  // Labels 13:17 and 14:56 EST, five hours behind UTC.
  CAF_CHECK_EQUAL(first(x),
                  "2017-12-18T18:16:00Z 868101 868200 867900 868000 31172");
  CAF_CHECK_EQUAL(last(x),
                  "2017-12-18T19:55:00Z 864900 865000 864750 865000 10494");
  for (size_t i = 1; i < x.answer.bars.size(); ++i)
    CAF_CHECK(x.answer.bars[i - 1].start < x.answer.bars[i].start);
}

CAF_TEST(a byte order mark before the object is passed over) {
  auto body = recorded("15min_full_cut_MSFT_2018-04-11.json");
  CAF_REQUIRE_EQUAL(body.substr(0, 3), "\xEF\xBB\xBF");
  auto x = read(body, expecting("MSFT", 15min, bar_label::end));
  CAF_REQUIRE(!x.refusal);
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 39u);
  // Labels 2018-04-10 12:45 and 2018-04-11 15:30 EDT.
  CAF_CHECK_EQUAL(first(x),
                  "2018-04-10T16:30:00Z 920000 923700 919200 922100 541685");
  CAF_CHECK_EQUAL(last(x),
                  "2018-04-11T19:15:00Z 918400 918400 914800 916000 852917");
}

CAF_TEST(a label that proves nothing is read as configured) {
  auto body = recorded("5min_full_cut_IBM_2020-05-08.json");
  auto as_end = read(body, expecting("IBM", 5min, bar_label::end));
  auto as_start = read(body, expecting("IBM", 5min, bar_label::start));
  CAF_REQUIRE_EQUAL(as_end.answer.bars.size(), 2u);
  // Labels 14:00 and 14:05 EDT.
  CAF_CHECK_EQUAL(first(as_end),
                  "2020-05-08T17:55:00Z 1216850 1218000 1216850 1217800 29277");
  CAF_CHECK_EQUAL(last(as_end),
                  "2020-05-08T18:00:00Z 1217900 1218600 1217225 1217400 31454");
  CAF_CHECK_EQUAL(first(as_start),
                  "2020-05-08T18:00:00Z 1216850 1218000 1216850 1217800 29277");
  CAF_CHECK(as_start.label == bar_label::start);
}

CAF_TEST(a label of 20 o clock proves that labels are ends) {
  auto x = read(recorded("5min_cut_IBM_2021-10-27.json"),
                expecting("IBM", 5min, bar_label::start));
  CAF_CHECK(x.label == bar_label::end);
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 3u);
  // Labels 19:45 and 20:00 EDT: midnight UTC of the next day, less 5 min.
  CAF_CHECK_EQUAL(first(x),
                  "2021-10-27T23:40:00Z 1255100 1255100 1255100 1255100 405");
  CAF_CHECK_EQUAL(last(x),
                  "2021-10-27T23:55:00Z 1255400 1255400 1255400 1255400 204");
}

CAF_TEST(a table of 2020 with end labels is read) {
  auto x = read(recorded("5min_compact_IBM_2020-08-21.csv"),
                expecting("IBM", 5min, bar_label::end));
  CAF_REQUIRE(!x.refusal);
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 100u);
  CAF_CHECK(x.answer.rejected.empty());
  // Labels 2020-08-20 17:10 and 2020-08-21 19:40 EDT.
  CAF_CHECK_EQUAL(first(x),
                  "2020-08-20T21:05:00Z 1231500 1231500 1231500 1231500 2916");
  CAF_CHECK_EQUAL(last(x),
                  "2020-08-21T23:35:00Z 1231700 1231700 1231700 1231700 825");
}

CAF_TEST(tables of 2026 have start labels) {
  auto april =
      read(recorded("5min_compact_IBM_2026-04-28.csv"), expecting("IBM", 5min));
  CAF_REQUIRE_EQUAL(april.answer.bars.size(), 100u);
  CAF_CHECK(april.label == bar_label::start);
  // Labels 11:40 and 19:55 EDT.
  CAF_CHECK_EQUAL(first(april),
                  "2026-04-28T15:40:00Z 2319100 2319600 2314800 2315500 24304");
  CAF_CHECK_EQUAL(last(april),
                  "2026-04-28T23:55:00Z 2327500 2330000 2327500 2328750 208");
  auto may =
      read(recorded("5min_compact_IBM_2026-05-15.csv"), expecting("IBM", 5min));
  CAF_REQUIRE_EQUAL(may.answer.bars.size(), 100u);
  CAF_CHECK_EQUAL(first(may),
                  "2026-05-15T15:40:00Z 2179800 2184200 2179600 2181400 62832");
  CAF_CHECK_EQUAL(last(may),
                  "2026-05-15T23:55:00Z 2190300 2190300 2190000 2190000 158");
}

CAF_TEST(the header of the slices of 2020 is read too) {
  auto x = read(recorded("1min_extended_slice_cut_MSFT_2020-11-27.csv"),
                expecting("MSFT", 1min, bar_label::end));
  CAF_REQUIRE(!x.refusal);
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 312u); // lines behind the header
  CAF_CHECK(x.answer.rejected.empty());
  // Labels 04:01 and 17:00 EST: the end of a half day.
  CAF_CHECK_EQUAL(first(x),
                  "2020-11-27T09:00:00Z 2146100 2146100 2146100 2146100 1614");
  CAF_CHECK_EQUAL(last(x),
                  "2020-11-27T21:59:00Z 2150100 2152400 2150100 2152400 376");
}

CAF_TEST(both line ends of a table give the same bars) {
  auto body = recorded("5min_compact_IBM_2020-08-21.csv");
  std::string other;
  for (auto c : body)
    if (c == '\n' && (other.empty() || other.back() != '\r'))
      other += "\r\n";
    else
      other += c;
  if (other == body) { // it has CRLF: take them out
    other.clear();
    for (auto c : body)
      if (c != '\r')
        other += c;
  }
  CAF_CHECK(other != body);
  auto options = expecting("IBM", 5min, bar_label::end);
  CAF_CHECK(read(body, options).answer.bars
            == read(other, options).answer.bars);
}

// -- labels

CAF_TEST(a label of 4 o clock proves that labels are starts) {
  // 04:00 EST is 09:00 UTC; its bar cannot end before the pre-market opens.
  auto body = series(row("2020-11-02 04:00:00", "1", "1", "1", "1", "1"));
  auto x = read(body, expecting("IBM", 5min, bar_label::end));
  CAF_CHECK(x.label == bar_label::start);
  CAF_CHECK_EQUAL(first(x), "2020-11-02T09:00:00Z 10000 10000 10000 10000 1");
}

CAF_TEST(a day of regular bars alone from 09 35 to 16 00 proves ends) {
  std::vector<timestamp> labels;
  auto open = *parse_wall_time("2020-11-02 09:30", "US/Eastern");
  for (auto i = 1; i <= 78; ++i) // 6 h 30 min of 5 min
    labels.push_back(open + i * 5min);
  CAF_CHECK(proven_label(labels, 5min, nyse()) == bar_label::end);
  // A pre-market bar beside them: then 16:00 may be the first after the close.
  auto with_pre = labels;
  with_pre.insert(with_pre.begin(), open - 1h);
  CAF_CHECK(!proven_label(with_pre, 5min, nyse()));
  // The same day by its starts, 09:30 to 15:55.
  auto starts = labels;
  for (auto& x : starts)
    x -= 5min;
  CAF_CHECK(!proven_label(starts, 5min, nyse()));
  // A missing bar: then nothing is certain.
  labels.erase(labels.begin() + 10);
  CAF_CHECK(!proven_label(labels, 5min, nyse()));
}

CAF_TEST(labels that contradict each other prove nothing) {
  auto at = [](const char* x) { return *parse_wall_time(x, "US/Eastern"); };
  CAF_CHECK(!proven_label({at("2020-11-02 04:00"), at("2020-11-02 20:00")},
                          5min, nyse()));
  CAF_CHECK(!proven_label({}, 5min, nyse()));
}

// -- refusals in words

CAF_TEST(each refusal in words has its class) {
  CAF_CHECK_EQUAL(kind(object("Information", daily)), "daily");
  CAF_CHECK_EQUAL(kind(object("Information", burst)), "burst");
  CAF_CHECK_EQUAL(kind(object("Information", per_minute)), "per_minute");
  CAF_CHECK_EQUAL(kind(object("Note", per_minute)), "per_minute");
  CAF_CHECK_EQUAL(kind(object("Information", premium_endpoint)), "premium");
  CAF_CHECK_EQUAL(kind(object("Information", premium_full)), "premium");
  CAF_CHECK_EQUAL(kind(object("Information", demo)), "bad_key");
  CAF_CHECK_EQUAL(kind(object("Error Message", bad_key)), "bad_key");
  CAF_CHECK_EQUAL(kind(object("Error Message", bad_call)), "bad_call");
  CAF_CHECK_EQUAL(
      kind(object("Error Message", "This API function () does not exist.")),
      "bad_function");
}

CAF_TEST(each refusal of the gateway has its class) {
  CAF_CHECK_EQUAL(
      kind(R"({"message":"You have exceeded the DAILY quota for Requests on )"
           R"(your current plan, BASIC. Upgrade your plan at )"
           R"(https://rapidapi.com/alphavantage/api/alpha-vantage"})",
           429),
      "daily");
  CAF_CHECK_EQUAL(
      kind(R"({"message":"You have exceeded the rate limit per minute for )"
           R"(your plan, BASIC, by the API provider"})",
           429),
      "per_minute");
  CAF_CHECK_EQUAL(
      kind(R"({"message":"You are not subscribed to this API."})", 403),
      "bad_key");
  CAF_CHECK_EQUAL(kind(R"({"message":"API doesn't exists"})", 404),
                  "bad_function");
}

CAF_TEST(case does not matter for the class of a refusal) {
  CAF_CHECK(classify_refusal("THIS IS A PREMIUM ENDPOINT.")
            == refusal_class::premium);
  CAF_CHECK(!classify_refusal("All is well."));
  CAF_CHECK(!classify_refusal(""));
}

CAF_TEST(a daily refusal that repeats the key is told without it) {
  auto x = refusal(object("Information",
                          std::string{"We have detected your API key as "} + key
                              + " and our standard API rate limit is 25 "
                                "requests per day."));
  CAF_CHECK_EQUAL(kind(x), "daily");
  CAF_CHECK(!contains(x.text, key));
  CAF_CHECK(contains(x.text, "your API key as *** and"));
}

CAF_TEST(words that nobody knows are an unknown refusal with the body) {
  auto body =
      object("Information", std::string{"Welcome to version 2, "} + key + '!');
  auto x = refusal(body);
  CAF_CHECK_EQUAL(kind(x), "unknown");
  CAF_CHECK_EQUAL(x.text, object("Information", "Welcome to version 2, ***!"));
  CAF_CHECK_EQUAL(kind("[1, 2]"), "unknown");
  CAF_CHECK_EQUAL(kind("what is this"), "unknown");
}

CAF_TEST(a refusal beside the head of an answer is not taken for no bars) {
  auto x = refusal(R"({"Meta Data": {"2. Symbol": "IBM"}, "Information": ")"
                   + daily + "\"}");
  CAF_CHECK_EQUAL(kind(x), "daily");
  CAF_CHECK_EQUAL(x.text, daily);
}

CAF_TEST(a refusal spelled into cells is unknown and leaves no rows) {
  // Another function's header; the recording has the word cut at seven cells.
  CAF_CHECK_EQUAL(kind("symbol,name,reportDate,fiscalDateEnding,estimate,"
                       "currency,timeOfTheDay\r\nI,n,f,o,r,m,a\r\n"),
                  "unknown");
  auto body = "timestamp,open,high,low,close,volume\r\nI,n,f,o,r,m\r\n";
  auto x = parse_answer(body, 200, {}, expecting("IBM", 5min));
  CAF_REQUIRE(x.refusal);
  CAF_CHECK_EQUAL(kind(*x.refusal), "unknown");
  CAF_CHECK_EQUAL(x.refusal->text, body);
  CAF_CHECK(x.answer.rejected.empty()); // the text above is the dead letter
}

CAF_TEST(JSON refuses a request for a table too) {
  CAF_CHECK_EQUAL(kind(object("Error Message", bad_call)), "bad_call");
  CAF_CHECK_EQUAL(kind("timestamp,open,high,low,close,volume\r\n"), "no_bars");
}

// -- refusals without words

CAF_TEST(an empty object and a series without bars are no bars) {
  CAF_CHECK_EQUAL(kind("{}\n"), "no_bars");
  CAF_CHECK_EQUAL(kind(series("")), "no_bars");
}

CAF_TEST(a page of HTML is no answer whatever its status) {
  std::string page = "<!DOCTYPE html>\n<html><head><title>Application "
                     "Error</title></head></html>";
  CAF_CHECK_EQUAL(kind(page, 200), "unavailable");
  CAF_CHECK_EQUAL(kind("\n\t" + page, 200), "unavailable");
  auto x = refusal(page, 503);
  CAF_CHECK_EQUAL(kind(x), "unavailable");
  CAF_CHECK(contains(x.text, "HTTP status 503"));
  // A company's proxy says 403 in HTML: no word about the key.
  CAF_CHECK_EQUAL(kind(page, 403), "unavailable");
}

CAF_TEST(cut JSON and an empty body are unavailable at each length) {
  auto whole = recorded("5min_full_cut_IBM_2020-05-08.json");
  auto end = whole.find_last_of('}');
  for (size_t length = 0; length <= end; ++length)
    CAF_CHECK_EQUAL(kind(whole.substr(0, length)), "unavailable");
  CAF_CHECK(!read(whole.substr(0, end + 1), expecting("IBM", 5min)).refusal);
}

CAF_TEST(status 429 waits as long as Retry - After says) {
  auto body = R"({"message":"Too many requests"})";
  auto x = refusal(body, 429, {{"Retry-After", "7"}});
  CAF_CHECK_EQUAL(kind(x), "per_minute");
  CAF_CHECK_EQUAL(x.retry_after_ms, 7'000);
  CAF_CHECK(contains(x.text, "429"));
  CAF_CHECK_EQUAL(refusal(body, 429).retry_after_ms, 0);
  CAF_CHECK_EQUAL(kind("", 429), "per_minute");
  // Header names have no case; a date counts from the answer's own Date.
  x = refusal(body, 429,
              {{"date", "Thu, 29 Feb 2024 04:39:11 GMT"},
               {"retry-after", "Thu, 29 Feb 2024 04:40:11 GMT"}});
  CAF_CHECK_EQUAL(x.retry_after_ms, 60'000);
  // Nonsense neither waits for ever nor goes back in time.
  x = refusal(body, 429, {{"Retry-After", "99999999"}});
  CAF_CHECK_EQUAL(x.retry_after_ms, 24 * 3600 * 1000);
  CAF_CHECK_EQUAL(refusal(body, 429, {{"Retry-After", "-5"}}).retry_after_ms,
                  0);
  CAF_CHECK_EQUAL(refusal(body, 429, {{"Retry-After", "soon"}}).retry_after_ms,
                  0);
}

CAF_TEST(status 406 and 500 are unavailable and keep the words) {
  auto x = refusal(
      R"({"detail":"Could not satisfy the request Accept header."})", 406);
  CAF_CHECK_EQUAL(kind(x), "unavailable");
  CAF_CHECK(contains(x.text, "HTTP status 406: Could not satisfy"));
  CAF_CHECK_EQUAL(kind("", 500), "unavailable");
}

// -- rows

CAF_TEST(a row whose high is below its low is rejected beside the others) {
  auto body = series(
      good_row + ","
      + row("2020-11-02 09:35:00", "10.0", "9.0", "12.0", "11.0", "100"));
  auto x = read(body, expecting("IBM", 5min));
  CAF_REQUIRE(!x.refusal);
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 1u);
  // 09:30 EST.
  CAF_CHECK_EQUAL(first(x), "2020-11-02T14:30:00Z 100000 120000 90000 110000 "
                            "100");
  CAF_REQUIRE_EQUAL(x.answer.rejected.size(), 1u);
  CAF_CHECK(contains(x.answer.rejected[0],
                     "2020-11-02 09:35:00,10.0,9.0,12.0,11.0,100"));
}

CAF_TEST(rows with text for a number or no time are rejected with the reason) {
  auto body =
      series(good_row + ","
             + row("2020-11-02 09:35:00", "ten", "12.0", "9.0", "11.0", "100")
             + "," + row("2020-11-02 09:40:00", "10", "12", "9", "11", "many")
             + "," + row("2020-11-02 09:45:00", "10", "12", "9", "11", "-1")
             + "," + row("2020-11-02 09:46:00", "10", "12", "9", "11", "1.5")
             + "," + row("yesterday", "10", "12", "9", "11", "1")
             + R"(, "2020-11-02 09:50:00": {"1. open": "10"})"
             + R"(, "2020-11-02 09:55:00": 7)");
  auto x = read(body, expecting("IBM", 5min));
  CAF_CHECK_EQUAL(x.answer.bars.size(), 1u);
  CAF_REQUIRE_EQUAL(x.answer.rejected.size(), 7u);
  CAF_CHECK(contains(x.answer.rejected[0], "a price is no number"));
  CAF_CHECK(contains(x.answer.rejected[1], "volume"));
  CAF_CHECK(contains(x.answer.rejected[2], "volume")); // -1: not "no volume"
  CAF_CHECK(contains(x.answer.rejected[3], "volume")); // half a share
  CAF_CHECK(contains(x.answer.rejected[4], "price"));
  CAF_CHECK(contains(x.answer.rejected[5], "price"));
  CAF_CHECK_EQUAL(x.answer.rejected[6],
                  "no time in US/Eastern: yesterday,10,12,9,11,1");
}

CAF_TEST(a table with a cut last line gives its whole rows) {
  auto x = read("timestamp,open,high,low,close,volume\r\n"
                "2020-11-02 09:35:00,10,12,9,11,100\r\n"
                "2020-11-02 09:30:00,10,12,9",
                expecting("IBM", 5min));
  CAF_CHECK_EQUAL(x.answer.bars.size(), 1u);
  CAF_REQUIRE_EQUAL(x.answer.rejected.size(), 1u);
  CAF_CHECK(contains(x.answer.rejected[0], "2020-11-02 09:30:00,10,12,9"));
}

CAF_TEST(a rejected row is told without the key) {
  auto x = read(series(good_row + ","
                       + row("2020-11-02 09:35:00", key, "1", "1", "1", "1")),
                expecting("IBM", 5min));
  CAF_REQUIRE_EQUAL(x.answer.rejected.size(), 1u);
  CAF_CHECK(!contains(x.answer.rejected[0], key));
}

CAF_TEST(tails of floating point numbers are rounded to four decimals) {
  auto x =
      read(series(row("2020-11-02 09:30:00", "113.50399999999999", "113.50401",
                      "113.50399999999999", "113.504", "12.0000")),
           expecting("IBM", 5min));
  CAF_REQUIRE(!x.refusal);
  CAF_CHECK_EQUAL(first(x), "2020-11-02T14:30:00Z 1135040 1135040 1135040 "
                            "1135040 12");
}

CAF_TEST(a start that comes twice is one bar) {
  auto x = read("timestamp,open,high,low,close,volume\n"
                "2020-11-02 09:30:00,10,12,9,11,100\n"
                "2020-11-02 09:30:00,10,12,9,11,100\n",
                expecting("IBM", 5min));
  CAF_CHECK_EQUAL(x.answer.bars.size(), 1u);
}

CAF_TEST(bars of another interval are refused) {
  auto x = refusal(series(good_row, "60min"));
  CAF_CHECK_EQUAL(kind(x), "unknown");
  CAF_CHECK(contains(x.text, "60min"));
}

// -- what stands beside the rows

CAF_TEST(an answer tells that it is delayed in its head or its key) {
  auto head = series(good_row);
  head.replace(head.find("Intraday"), 8,
               "Intraday (5min) prices - DATA DELAYED BY 15 MINUTES");
  CAF_CHECK(read(head, expecting("IBM", 5min)).answer.delayed);
  auto name = series(good_row);
  name.replace(name.find("(5min)\""), 7,
               "(5min) - DATA DELAYED BY 15 MINUTES\"");
  auto x = read(name, expecting("IBM", 5min));
  CAF_CHECK(x.answer.delayed);
  CAF_CHECK_EQUAL(x.answer.bars.size(), 1u);
  CAF_CHECK(!read(series(good_row), expecting("IBM", 5min)).answer.delayed);
}

CAF_TEST(bars have our symbol and not the one that is echoed) {
  auto x = read(series(good_row), expecting("IBM", 5min)); // it says "ibm"
  CAF_REQUIRE_EQUAL(x.answer.bars.size(), 1u);
  CAF_CHECK_EQUAL(x.answer.bars[0].symbol, "IBM");
}

CAF_TEST(the Date header is the source s clock and ours stands in for it) {
  auto options = expecting("IBM", 5min);
  auto now = [&](const std::string& body, const header_list& headers) {
    return format_rfc3339(
        parse_answer(body, 200, headers, options).answer.source_now);
  };
  header_list dated{{"date", "Thu, 29 Feb 2024 04:39:11 GMT"}};
  CAF_CHECK_EQUAL(now(series(good_row), dated), "2024-02-29T04:39:11Z");
  CAF_CHECK_EQUAL(now("{}", dated), "2024-02-29T04:39:11Z");
  CAF_CHECK_EQUAL(now("{}", {}), "2020-11-02T14:30:00Z");
  CAF_CHECK_EQUAL(now("{}", {{"Date", "tomorrow"}}), "2020-11-02T14:30:00Z");
}

CAF_TEST(only dates that servers have to send are read) {
  CAF_CHECK(parse_http_date("Thu, 29 Feb 2024 04:39:11 GMT"));
  for (auto text :
       {"", "Thu, 30 Feb 2024 04:39:11 GMT", "Thu, 29 Feb 2024 24:39:11 GMT",
        "Thu, 29 anF 2024 04:39:11 GMT", "Thu, 29 Feb 2024 04:39:11 EST",
        "Thursday, 29-Feb-24 04:39:11 GMT"})
    CAF_CHECK(!parse_http_date(text));
}

// -- requests

CAF_TEST(a request names what is asked and hides the key in logs) {
  request_options options;
  options.key = key;
  intraday_request x;
  x.symbol = "BRK B&";
  auto target = request_target(x, options);
  CAF_CHECK_EQUAL(target,
                  "/query?function=TIME_SERIES_INTRADAY&symbol=BRK%20B%26"
                  "&interval=5min&adjusted=false&extended_hours=true"
                  "&outputsize=compact&datatype=json&apikey=SECRET0123456789");
  CAF_CHECK(!contains(redacted_target(x, options), key));
  CAF_CHECK(contains(redacted_target(x, options), "&apikey=***"));
  options.key = "A/B=";
  options.entitlement = "delayed";
  options.extended_hours = false;
  CAF_CHECK_EQUAL(request_target(x, options),
                  "/query?function=TIME_SERIES_INTRADAY&symbol=BRK%20B%26"
                  "&interval=5min&adjusted=false&extended_hours=false"
                  "&outputsize=compact&entitlement=delayed&datatype=json"
                  "&apikey=A%2FB%3D");
  CAF_CHECK(!contains(redacted_target(x, options), "A%2FB"));
  x.full = true;
  x.month = "2020-11";
  options.key_in_header = true;
  target = request_target(x, options);
  CAF_CHECK(contains(target, "&outputsize=full&month=2020-11&"));
  CAF_CHECK(!contains(target, "apikey"));
}

CAF_TEST(a key is taken out of texts in its escaped form too) {
  CAF_CHECK_EQUAL(without_key("a K+Y= b K%2BY%3D c", "K+Y="), "a *** b *** c");
  // Each letter of a text would become stars.
  CAF_CHECK_EQUAL(without_key("aaa", "a"), "aaa");
}

CAF_TEST(a key s fingerprint is the start of its SHA - 256) {
  // printf abc | sha256sum | cut -c1-32
  CAF_CHECK_EQUAL(key_fingerprint("abc"), "ba7816bf8f01cfea414140de5dae2223");
}
