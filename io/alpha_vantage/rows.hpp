#pragma once

// Private to io/alpha_vantage: an answer's rows before they become bars.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickerflow::alpha_vantage {

/// One bar as it was sent; every value is text.
struct row {
  std::string label;
  std::string open, high, low, close, volume;
};

/// What a body turned out to be.
struct table {
  std::vector<row> rows;
  std::vector<std::string> broken; // what is no row, as it was sent
  std::string zone;                // empty: not named
  std::string interval;            // "5min"; empty: not named
  bool delayed = false;
};

struct body_content {
  std::optional<table> series;
  std::string refusal; // the words of a refusal, if there are some
  bool is_empty_object = false;
  bool is_json = false; // it parses
};

body_content read_json(std::string_view body);

/// @returns the rows if the first line is the header of a series of bars
std::optional<table> read_csv(std::string_view body);

} // namespace tickerflow::alpha_vantage
