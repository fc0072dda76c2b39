#include "io/settings/suggest.hpp"

#include <algorithm>
#include <cctype>

namespace tickerflow {

std::size_t edit_distance(const std::string& x, const std::string& y) {
  auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a))
           == std::tolower(static_cast<unsigned char>(b));
  };
  // Rows of the table for x's prefixes: this one and the two before it.
  std::vector<std::size_t> before(y.size() + 1);
  std::vector<std::size_t> last(y.size() + 1);
  std::vector<std::size_t> row(y.size() + 1);
  for (std::size_t j = 0; j <= y.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= x.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= y.size(); ++j) {
      auto replaced = last[j - 1] + (same(x[i - 1], y[j - 1]) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && same(x[i - 1], y[j - 2])
          && same(x[i - 2], y[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[y.size()];
}

std::optional<std::string> nearest(const std::string& name,
                                   const std::vector<std::string>& known) {
  std::optional<std::string> result;
  // A third of the letters wrong is a typing error; more is another word.
  auto best = std::max<std::size_t>(name.size() / 3, 1) + 1;
  for (auto& x : known) {
    auto distance = edit_distance(name, x);
    if (distance < best && distance < x.size()) {
      best = distance;
      result = x;
    }
  }
  return result;
}

std::string did_you_mean(const std::string& name,
                         const std::vector<std::string>& known) {
  auto x = nearest(name, known);
  return x ? "; did you mean \"" + *x + "\"?" : "";
}

} // namespace tickerflow
