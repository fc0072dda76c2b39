#pragma once

#include "io/web_server/web_message.hpp"
#include "market/bar.hpp"
#include "nodes/console/problem.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>

namespace tickerflow::console {

/// The parameters of a request, checked as they are read.
/// Errors  each throws `problem` with what is allowed instead
class query {
public:
  /// @param known names that the path takes
  query(std::string_view text, std::initializer_list<std::string_view> known);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// @returns the text; empty if it was not given
  std::string text(std::string_view name, std::size_t longest) const;

  /// One of the words; the first one if it was not given.
  std::string word(std::string_view name,
                   std::initializer_list<std::string_view> words) const;

  std::optional<std::int64_t> number(std::string_view name, std::int64_t least,
                                     std::int64_t most) const;

  std::optional<timestamp> instant(std::string_view name) const;

  /// `limit`.
  std::size_t limit(std::size_t usual = 200, std::size_t most = 10'000) const;

  /// `cursor` as the parts that `cursor_of` was given.
  std::optional<std::vector<std::string>> cursor(std::size_t parts) const;

private:
  const std::string* find(std::string_view name) const;

  web_headers fields_;
};

/// Where a list goes on: texts of any bytes, as letters and digits.
std::string cursor_of(const std::vector<std::string>& parts);

/// @returns a whole number that is all of the text
std::optional<std::int64_t> whole_number_in(std::string_view text);

} // namespace tickerflow::console
