#define CAF_SUITE dotenv

#include "io/settings/dotenv.hpp"

#include "caf/test/unit_test.hpp"

using namespace tickerflow;

namespace {

std::string value_of(const std::string& line) {
  auto x = parse_dotenv(line);
  if (x.entries.size() != 1 || !x.faults.empty())
    return "(no single entry)";
  return x.entries[0].value;
}

} // namespace

CAF_TEST(plain values are trimmed and comments cut) {
  CAF_CHECK_EQUAL(value_of("A=1"), "1");
  CAF_CHECK_EQUAL(value_of("  A = a b  "), "a b");
  CAF_CHECK_EQUAL(value_of("A=1 # one"), "1");
  CAF_CHECK_EQUAL(value_of("A=1#2"), "1#2");
  CAF_CHECK_EQUAL(value_of("A=# none"), "");
  CAF_CHECK_EQUAL(value_of("A="), "");
  CAF_CHECK_EQUAL(value_of("A=b=c"), "b=c");
  CAF_CHECK_EQUAL(value_of("A=1\r\n"), "1");
}

CAF_TEST(export may stand before a name and be a name) {
  CAF_CHECK_EQUAL(value_of("export A=1"), "1");
  CAF_CHECK_EQUAL(value_of("export\tA=1"), "1");
  auto x = parse_dotenv("export=2");
  CAF_REQUIRE_EQUAL(x.entries.size(), 1u);
  CAF_CHECK_EQUAL(x.entries[0].name, "export");
}

CAF_TEST(single quotes keep everything) {
  CAF_CHECK_EQUAL(value_of("A='a # $b \\n \"c\" '"), "a # $b \\n \"c\" ");
  CAF_CHECK_EQUAL(value_of("A='x' # said"), "x");
}

CAF_TEST(double quotes know escapes) {
  CAF_CHECK_EQUAL(value_of("A=\"a\\n\\\"b\\\" \\$c \\\\ \\q\""),
                  "a\n\"b\" $c \\ \\q");
}

CAF_TEST(quoted values may span lines) {
  auto x = parse_dotenv("A='1\n2'\nB=3\nC 4\n");
  CAF_REQUIRE_EQUAL(x.entries.size(), 2u);
  CAF_CHECK_EQUAL(x.entries[0].value, "1\n2");
  CAF_CHECK_EQUAL(x.entries[1].line, 3);
  CAF_REQUIRE_EQUAL(x.faults.size(), 1u);
  CAF_CHECK_EQUAL(x.faults[0], "line 4: expected NAME=value");
}

CAF_TEST(a reference to another variable is marked) {
  CAF_CHECK(parse_dotenv("A=x$B").entries[0].has_reference);
  CAF_CHECK(parse_dotenv("A=\"${B}\"").entries[0].has_reference);
  CAF_CHECK(!parse_dotenv("A='${B}'").entries[0].has_reference);
  CAF_CHECK(!parse_dotenv("A=\"\\$B\"").entries[0].has_reference);
  CAF_CHECK(!parse_dotenv("A=1$ 5$").entries[0].has_reference);
}

CAF_TEST(what is no assignment is a fault with its line and without a value) {
  auto x = parse_dotenv("\xEF\xBB\xBF# first\n\nA=1\n1X=hush\nB='hush\n");
  CAF_REQUIRE_EQUAL(x.faults.size(), 2u);
  CAF_CHECK_EQUAL(x.faults[0], "line 4: expected NAME=value");
  CAF_CHECK_EQUAL(x.faults[1], "line 5: the quote is never closed");
  CAF_CHECK_EQUAL(x.entries.size(), 1u);
  CAF_CHECK_EQUAL(parse_dotenv("A='1' 2").faults.size(), 1u);
}
