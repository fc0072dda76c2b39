#define CAF_SUITE top

#include "nodes/commands/top_model.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;

namespace {

std::int32_t key(top_key x) { return static_cast<std::int32_t>(x); }

struct fixture {
  fixture() { answer(); }

  /// Answers as the API would what the model asks now.
  void answer() {
    top_answer x;
    x.to = uut.question();
    x.overview = ordered_json::parse(R"({"version": "0.1.0", "level":
      "warning", "headline": "11 of 12 tickers are fresh.", "lag": 5})");
    x.list["items"] = ordered_json::array();
    for (int i = 0; i < 100; ++i)
      x.list["items"].push_back(
          x.to.view == top_view::tickers
              ? ordered_json{{"symbol", "T" + std::to_string(i)}, {"bars", i}}
              : ordered_json{{"node", "w1"},
                             {"serial", i},
                             {"name", "actor " + std::to_string(i)}});
    x.list["total"] = 100;
    if (!x.to.actor.empty())
      x.actor = ordered_json::parse(
          R"({"actor": {"node": "w1", "serial": 3, "name": "looked at"}})");
    uut.take(std::move(x));
  }

  std::string screen(std::size_t width = 80, std::size_t height = 24) {
    return to_string(uut.frame(width, height), false);
  }

  bool shows(const std::string& text) {
    auto all = screen();
    CAF_MESSAGE(all);
    return all.find(text) != std::string::npos;
  }

  void type(const std::string& text) {
    for (auto c : text)
      uut.press(c);
  }

  top_model uut;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(top_tests, fixture)

CAF_TEST(a frame has as many lines as the terminal and none is too wide) {
  for (std::size_t height = 1; height < 60; height += 3)
    for (std::size_t width = 1; width < 200; width += 13) {
      auto frame = uut.frame(width, height);
      CAF_CHECK_LESS_OR_EQUAL(frame.size(), height);
      for (auto& line : frame)
        CAF_CHECK_LESS_OR_EQUAL(display_width(line), width);
    }
  CAF_CHECK_EQUAL(uut.frame(80, 24).size(), 24u);
}

CAF_TEST(the head tells the health in words) {
  CAF_CHECK(shows("11 of 12 tickers are fresh."));
  CAF_CHECK(shows("lag 5"));
}

CAF_TEST(figures choose the list and q ends it) {
  uut.press('2');
  CAF_CHECK(uut.question().view == top_view::tickers);
  uut.press('5');
  CAF_CHECK(uut.question().view == top_view::alerts);
  CAF_CHECK(!uut.press('q'));
}

CAF_TEST(rows of another list are not shown as those of this one) {
  uut.press('2');
  CAF_CHECK(!shows("w1/3"));
  answer();
  CAF_CHECK(shows("T0"));
}

CAF_TEST(actors are sorted and filtered by the console) {
  CAF_CHECK_EQUAL(uut.question().sort, "mailbox");
  CAF_CHECK(uut.question().descending);
  uut.press('s');
  CAF_CHECK_EQUAL(uut.question().sort, "in_per_s");
  uut.press('r');
  CAF_CHECK(!uut.question().descending);
  type("/fetch");
  CAF_CHECK_EQUAL(uut.question().filter, "fetch");
  uut.press(key(top_key::backspace));
  uut.press(key(top_key::enter));
  CAF_CHECK_EQUAL(uut.question().filter, "fetc");
  uut.press(key(top_key::escape));
  CAF_CHECK_EQUAL(uut.question().filter, "");
}

CAF_TEST(letters that are keys elsewhere are text in a filter) {
  type("/q2");
  CAF_CHECK_EQUAL(uut.question().filter, "q2");
  CAF_CHECK(uut.question().view == top_view::actors);
  uut.press(key(top_key::escape));
  CAF_CHECK_EQUAL(uut.question().filter, "");
}

CAF_TEST(other lists are filtered and sorted here) {
  uut.press('2');
  answer();
  type("/t99");
  uut.press(key(top_key::enter));
  CAF_CHECK(shows("T99"));
  CAF_CHECK(shows("1 of 100"));
  uut.press(key(top_key::escape));
  type("ss"); // late, then bars, highest first
  auto all = screen();
  CAF_CHECK_LESS(all.find("T99"), all.find("T98"));
}

CAF_TEST(the list follows the cursor) {
  CAF_CHECK(!shows("w1/99"));
  uut.press('G');
  CAF_CHECK(shows("w1/99"));
  uut.press('g');
  CAF_CHECK(shows("w1/0"));
  for (int i = 0; i < 30; ++i)
    uut.press(key(top_key::down));
  CAF_CHECK(shows("w1/30"));
}

CAF_TEST(Enter looks at one actor and q comes back) {
  for (int i = 0; i < 3; ++i)
    uut.press(key(top_key::down));
  uut.frame(80, 24);
  uut.press(key(top_key::enter));
  CAF_CHECK_EQUAL(uut.question().actor, "/api/v1/actors/w1/3");
  CAF_CHECK(shows("looking at it"));
  answer();
  CAF_CHECK(shows("looked at"));
  CAF_CHECK(uut.press('q'));
  CAF_CHECK_EQUAL(uut.question().actor, "");
  CAF_CHECK(shows("w1/3"));
}

CAF_TEST(a console that is away leaves what was known and says so) {
  top_answer trouble;
  trouble.trouble = "no console answers at http://m:8081";
  uut.take(trouble);
  CAF_CHECK(shows("no console answers"));
  CAF_CHECK(shows("w1/3"));
  answer();
  CAF_CHECK(!shows("no console answers"));
}

CAF_TEST(a question mark explains the keys) {
  uut.press('?');
  CAF_CHECK(shows("look at the actor under the cursor"));
  uut.press('q');
  CAF_CHECK(shows("w1/3"));
}

CAF_TEST_FIXTURE_SCOPE_END()
