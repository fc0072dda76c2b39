#include "io/postgres/mask_literals.hpp"

#include <cctype>

namespace tickerflow {

namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'
         || static_cast<unsigned char>(c) >= 0x80;
}

/// @returns where a string in quotes ends, behind its last quote
std::size_t end_of_quoted(std::string_view sql, std::size_t start,
                          bool has_escapes) {
  for (auto i = start + 1; i < sql.size(); ++i) {
    if (has_escapes && sql[i] == '\\')
      ++i;
    else if (sql[i] == '\'') {
      if (i + 1 >= sql.size() || sql[i + 1] != '\'')
        return i + 1;
      ++i;
    }
  }
  return sql.size();
}

/// @returns the tag of $tag$ that begins here, with its dollars; else nothing
std::string_view dollar_tag(std::string_view sql, std::size_t start) {
  auto i = start + 1;
  // $1 is a parameter.
  if (i < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i])))
    return {};
  while (i < sql.size() && is_word(sql[i]))
    ++i;
  return i < sql.size() && sql[i] == '$' ? sql.substr(start, i + 1 - start)
                                         : std::string_view{};
}

} // namespace

std::string mask_literals(std::string_view sql) {
  std::string result;
  for (std::size_t i = 0; i < sql.size();) {
    if (sql[i] == '\'') {
      auto is_escape = i > 0 && (sql[i - 1] == 'E' || sql[i - 1] == 'e')
                       && (i == 1 || !is_word(sql[i - 2]));
      auto plain = end_of_quoted(sql, i, false);
      auto escaped = end_of_quoted(sql, i, true);
      // Without E it depends on the server's standard_conforming_strings
      // whether a quote after a backslash is inside: then nothing behind it
      // can be told from data.
      auto is_clear = is_escape || plain == escaped;
      i = is_escape ? escaped : is_clear ? plain : sql.size();
      result += "'?'";
    } else if (auto tag = sql[i] == '$' && (i == 0 || !is_word(sql[i - 1]))
                              ? dollar_tag(sql, i)
                              : std::string_view{};
               !tag.empty()) {
      auto end = sql.find(tag, i + tag.size());
      i = end == std::string_view::npos ? sql.size() : end + tag.size();
      result += "'?'";
    } else {
      result += sql[i++];
    }
  }
  return result;
}

} // namespace tickerflow
