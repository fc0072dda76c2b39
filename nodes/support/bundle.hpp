#pragma once

#include "io/archive/tar_gz.hpp"
#include "io/settings/settings.hpp"

#include <string>
#include <vector>

namespace tickerflow {

/// The files of a support bundle, each masked as the log is, and a manifest
/// that says what they are, what is missing and why, and what was masked.
class bundle {
public:
  /// @param folder that all files are in
  explicit bundle(std::string folder);

  /// @param name below the folder
  /// @param what the file is, for people
  void add(const std::string& name, const std::string& what,
           const std::string& content);

  /// Notes what could not be had.
  void add_missing(const std::string& name, const std::string& what,
                   const std::string& why);

  std::string manifest() const;

  /// @returns all, the manifest first
  std::vector<archive_file> files() const;

private:
  struct line {
    std::string name;
    std::string what;
    std::string why_missing;
    std::size_t bytes = 0;
    bool was_masked = false;
  };

  std::string folder_;
  std::vector<line> lines_;
  std::vector<archive_file> files_;
};

/// Registers all that must not be in a bundle: the settings' secrets, and
/// passwords and tokens that the launcher made; each also as JSON writes it.
void register_bundle_secrets(const settings& x);

// What goes in, in files of these names.

/// Program, libraries, kernel, machine.
void collect_versions(bundle& to);

/// Settings with their origin, and the doctor's findings.
void collect_settings(bundle& to, const settings& x);

/// What the console's API answers.
void collect_console(bundle& to, const settings& x);

/// Sessions, slow statements, sizes of PostgreSQL.
void collect_database(bundle& to, const settings& x);

/// The ends of the log files in the data folder.
void collect_logs(bundle& to, const settings& x);

} // namespace tickerflow
