#define CAF_SUITE tables

#include "nodes/commands/display_width.hpp"
#include "nodes/commands/figures.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/commands/news.hpp"
#include "nodes/commands/table.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;

namespace {

std::string text_of(const styled_text& x) { return to_string(x, false); }

table two_columns() {
  table result{{{"NAME", false, 6}, {"COUNT", true}}};
  result.add({{"aggregator shard=3"}, {"7"}});
  result.add({{"日本語日本語日本語"}, {"12345"}});
  return result;
}

} // namespace

CAF_TEST(columns are as wide as their texts and numbers stand right) {
  CAF_CHECK_EQUAL(text_of(two_columns().lines()),
                  "NAME                COUNT\n"
                  "aggregator shard=3      7\n"
                  "日本語日本語日本語  12345\n");
}

CAF_TEST(a narrow terminal gets shorter texts and never a wider line) {
  auto narrow = two_columns().lines(15);
  CAF_CHECK_EQUAL(text_of(narrow), "NAME      COUNT\n"
                                   "aggrega…      7\n"
                                   "日本語…   12345\n");
  for (std::size_t width = 1; width < 40; ++width)
    for (auto& line : two_columns().lines(width))
      CAF_CHECK_LESS_OR_EQUAL(display_width(line), width);
}

CAF_TEST(the columns of the least worth go first) {
  table uut{{{"A"}, {"B", false, 0, 2}, {"C", false, 0, 5}}};
  uut.add({{"aaaa"}, {"bbbb"}, {"cccc"}});
  CAF_CHECK_EQUAL(text_of(uut.lines(15)), "A     C\naaaa  cccc\n");
  CAF_CHECK_EQUAL(text_of(uut.lines(5)), "A\naaaa\n");
}

CAF_TEST(texts from outside cannot steer the terminal) {
  CAF_CHECK_EQUAL(printable("a\x1b[2Jb\r\n\tc"), "a\\x1b[2Jb\\x0d  c");
  CAF_CHECK_EQUAL(printable("a\nb\x07", true), "a\nb\\x07");
  CAF_CHECK_EQUAL(printable("\xff\xc3("), "\\xff\\xc3(");
  CAF_CHECK_EQUAL(printable("x\xe2\x80\xaey"), "x\\u{202e}y");   // RLO
  CAF_CHECK_EQUAL(printable("\xc2\x9b"), "\\x9b");               // C1's CSI
  CAF_CHECK_EQUAL(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // surrogate
  CAF_CHECK_EQUAL(printable("\xc0\xaf"), "\\xc0\\xaf");          // overlong
  CAF_CHECK_EQUAL(printable("äöü 日本"), "äöü 日本");
  table uut{{{"A"}}};
  uut.add({{"\x1b]0;title\x07"}});
  CAF_CHECK_EQUAL(text_of(uut.lines()).find('\x1b'), std::string::npos);
}

CAF_TEST(a text is cut between letters) {
  CAF_CHECK_EQUAL(display_width("a日é"), 4u);
  CAF_CHECK_EQUAL(display_width("e\xcc\x81"), 1u); // a combining accent
  CAF_CHECK_EQUAL(clipped("äöüäöü", 4), "äöü…");
  CAF_CHECK_EQUAL(clipped("日本語", 4), "日…");
  CAF_CHECK_EQUAL(clipped("abc", 3), "abc");
  CAF_CHECK_EQUAL(clipped("abc", 0), "");
  CAF_CHECK_EQUAL(fitted("7", 3, true), "  7");
}

CAF_TEST(colours are codes only where they are wanted) {
  styled_line line{{"bad", tone::bad}, {" plain"}};
  CAF_CHECK_EQUAL(to_string(line, false), "bad plain");
  CAF_CHECK_EQUAL(to_string(line, true), "\x1b[1;31mbad\x1b[0m plain");
}

CAF_TEST(figures have the unit that people read) {
  CAF_CHECK_EQUAL(micros_text(85.4), "85 us");
  CAF_CHECK_EQUAL(micros_text(2'500.0), "2.5 ms");
  CAF_CHECK_EQUAL(micros_text(std::nullopt), "-");
  CAF_CHECK_EQUAL(millis_text(61'000.0), "1 min");
  CAF_CHECK_EQUAL(span_text(3'840), "1 h 04");
  CAF_CHECK_EQUAL(rate_text(0.02), "0.02");
  CAF_CHECK_EQUAL(rate_text(12.345), "12.3");
  CAF_CHECK_EQUAL(rate_text(361.4), "361");
  CAF_CHECK_EQUAL(bytes_text(83'000'000), "83.0 MB");
}

CAF_TEST(times are told in New York or UTC) {
  auto at = "2020-11-02T14:40:00.250Z";
  CAF_CHECK_EQUAL(time_text(at, zone::new_york), "2020-11-02 09:40:00");
  CAF_CHECK_EQUAL(exact_time_text(at, zone::utc), "2020-11-02 14:40:00.250");
  CAF_CHECK_EQUAL(time_text("", zone::utc), "-");
  CAF_CHECK_EQUAL(time_given("2020-11-02").value_or(""), "2020-11-02T05:00:00Z");
  CAF_CHECK_EQUAL(time_given("2020-11-02 09:30").value_or(""),
                  "2020-11-02T14:30:00Z");
  CAF_CHECK(!time_given("yesterday"));
}

CAF_TEST(a list of the API becomes a row for each item) {
  auto items = ordered_json::parse(R"([{"node": "w1", "serial": 17,
    "name": "aggregator shard=3", "state": "stuck", "mailbox": 4,
    "in_per_s": null, "p99_us": 1500.0, "uptime_s": 61}, {}])");
  auto text = text_of(actors_table(items).lines());
  CAF_CHECK(text.find("w1/17") != std::string::npos);
  CAF_CHECK(text.find("stuck") != std::string::npos);
  CAF_CHECK(text.find("1.5 ms") != std::string::npos);
  // What a newer or older master leaves out is not known, and no fault.
  CAF_CHECK_EQUAL(actors_table(items).rows(), 2u);
}

CAF_TEST(what is new in a list that is asked for again is told once) {
  news uut;
  auto line = [](int x) { return ordered_json{{"n", x}}; };
  CAF_CHECK_EQUAL(uut.take({line(1), line(2), line(2)}).size(), 3u);
  auto next = uut.take({line(2), line(2), line(2), line(3)});
  CAF_REQUIRE_EQUAL(next.size(), 2u);
  CAF_CHECK_EQUAL(next[0]["n"], 2);
  CAF_CHECK_EQUAL(next[1]["n"], 3);
  CAF_CHECK(!uut.may_have_missed());
  uut.take({line(7)});
  CAF_CHECK(uut.may_have_missed());
}
