#include "io/settings/dotenv.hpp"

#include <algorithm>
#include <cctype>

namespace tickerflow {

namespace {

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}

bool in_name(char c) {
  return starts_name(c) || std::isdigit(static_cast<unsigned char>(c))
         || c == '.' || c == '-';
}

class reader {
public:
  explicit reader(const std::string& text) : text_(text) {
    if (text_.compare(0, 3, "\xEF\xBB\xBF") == 0)
      at_ = 3;
  }

  dotenv_content read() {
    while (at_ < text_.size())
      read_line();
    return std::move(result_);
  }

private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\n'; }

  char after() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\n'; }

  void skip_blanks() {
    while (here() == ' ' || here() == '\t' || here() == '\r')
      ++at_;
  }

  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n')
      ++at_;
    ++at_;
    ++line_;
  }

  void fault(const std::string& what, int line) {
    result_.faults.push_back("line " + std::to_string(line) + ": " + what);
  }

  void read_line() {
    skip_blanks();
    if (here() == '#' || here() == '\n')
      return skip_line();
    auto name = read_name();
    if (name == "export" && here() != '=') {
      skip_blanks();
      name = read_name();
    }
    skip_blanks();
    if (name.empty() || here() != '=') {
      fault("expected NAME=value", line_);
      return skip_line();
    }
    ++at_;
    skip_blanks();
    dotenv_entry entry{name, {}, line_, false};
    auto whole =
        here() == '\'' || here() == '"' ? read_quoted(entry) : read_bare(entry);
    if (whole)
      result_.entries.push_back(std::move(entry));
    skip_line();
  }

  std::string read_name() {
    auto start = at_;
    if (starts_name(here()))
      while (in_name(here()))
        ++at_;
    return text_.substr(start, at_ - start);
  }

  bool is_reference() const {
    return here() == '$' && (after() == '{' || starts_name(after()));
  }

  bool read_bare(dotenv_entry& entry) {
    for (; here() != '\n'; ++at_) {
      auto blank_before =
          !entry.value.empty()
          && (entry.value.back() == ' ' || entry.value.back() == '\t');
      if (here() == '#' && (entry.value.empty() || blank_before))
        break;
      entry.has_reference = entry.has_reference || is_reference();
      entry.value += here();
    }
    entry.value.erase(entry.value.find_last_not_of(" \t\r") + 1);
    return true;
  }

  bool read_quoted(dotenv_entry& entry) {
    auto quote = here();
    ++at_;
    for (; at_ < text_.size() && here() != quote; ++at_) {
      if (here() == '\n')
        ++line_;
      if (here() == '\r' && after() == '\n')
        continue;
      if (quote == '"' && here() == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        entry.value += escaped(here());
        continue;
      }
      if (quote == '"')
        entry.has_reference = entry.has_reference || is_reference();
      entry.value += here();
    }
    if (at_ >= text_.size()) {
      fault("the quote is never closed", entry.line);
      return false;
    }
    ++at_;
    skip_blanks();
    if (here() == '\n' || here() == '#')
      return true;
    fault("text after the closing quote", line_);
    return false;
  }

  static std::string escaped(char c) {
    switch (c) {
      case 'n': return "\n";
      case 'r': return "\r";
      case 't': return "\t";
      case '"': return "\"";
      case '\\': return "\\";
      case '$': return "$";
      default: return std::string{'\\'} + c;
    }
  }

  const std::string& text_;
  std::size_t at_ = 0;
  int line_ = 1;
  dotenv_content result_;
};

} // namespace

dotenv_content parse_dotenv(const std::string& text) {
  return reader{text}.read();
}

} // namespace tickerflow
