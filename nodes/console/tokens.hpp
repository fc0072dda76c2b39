#pragma once

#include "messages/errc.hpp"

#include <string>

namespace tickerflow::console {

/// A secret that lets people in.
struct console_token {
  std::string text;
  std::string file; // that has it; empty: none does
  bool is_new = false;
};

/// Reads a token: the first line of a file.
/// Errors  bad_setting: it cannot be read, or has none of 16 to 256 letters
caf::expected<std::string> read_token(const std::string& path);

/// Reads the token that a file keeps, or makes one and keeps it there, readable
/// by its owner only. Where none can be kept it is not.
/// Errors  bad_setting: the file is there, but has no token
caf::expected<console_token> keep_token(const std::string& path);

} // namespace tickerflow::console
