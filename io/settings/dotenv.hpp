#pragma once

#include <string>
#include <vector>

namespace tickerflow {

/// One assignment in a .env file.
struct dotenv_entry {
  std::string name;
  std::string value;
  int line = 0; // of the name, from 1
  /// Compose would put another variable's value in: `$` outside of single
  /// quotes, before a name or a brace, without a backslash.
  bool has_reference = false;
};

struct dotenv_content {
  std::vector<dotenv_entry> entries; // in the order of the file
  std::vector<std::string> faults;   // "line 3: ...", never with a value
};

/// Reads NAME=value lines as Compose does: `export`, blank lines and # lines,
/// ' # comment' after an unquoted value, 'literal', "with \n \t \" \\ \$
/// escapes", quoted values over several lines, a BOM, CRLF.
dotenv_content parse_dotenv(const std::string& text);

} // namespace tickerflow
