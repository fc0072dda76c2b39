#pragma once

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <string>

namespace tickerflow {

/// PEM files that belong together.
struct certificate_files {
  std::string certificate; // its chain may follow in it
  std::string key;         // secret
  std::string authority;   // one or more whose certificates are trusted
};

/// Errors  bad_setting, with the cause in words but without the path: not
///         there, no right to read, no file, too large to be one of these
caf::expected<std::string> read_pem_file(const std::string& path);

/// Who may read a new file.
enum class readable_by : unsigned { owner = 0600, everybody = 0644 };

/// Writes a file so that it is there whole or not at all.
/// @param replace takes the place of one that is there
/// Errors  bad_request: it is there already and is not to be replaced;
///         unavailable: no right to write, the disk is full
caf::error write_pem_file(const std::string& path, const std::string& text,
                          readable_by who, bool replace);

} // namespace tickerflow
