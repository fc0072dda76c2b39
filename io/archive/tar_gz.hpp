#pragma once

#include <string>
#include <vector>

namespace tickerflow {

struct archive_file {
  std::string name; // with its folder
  std::string content;
};

/// Writes a .tar.gz that only its owner may read. It is whole or not there.
/// @param now_s when the files were made, seconds since 1970
/// @returns why it could not be written, for people; empty if it was
std::string write_tar_gz(const std::string& path,
                         const std::vector<archive_file>& files,
                         std::int64_t now_s);

/// @returns the files of a .tar.gz; none if it cannot be read
std::vector<archive_file> read_tar_gz(const std::string& path);

/// @returns the library's name and version
std::string archive_library();

} // namespace tickerflow
