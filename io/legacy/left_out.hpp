#pragma once

#include "io/legacy/legacy_bar.hpp"
#include "messages/errc.hpp"

#include <fstream>
#include <string>

namespace tickerflow {

/// Writes the rows that are not taken over to a CSV file, each with its reason;
/// the file is made with the first of them.
///
/// Shape   reason,detail,rows,place,symbol,date,open,high,low,close,volume; the
///         texts as they stand in the table
class left_out_file {
public:
  /// @param path empty: nothing is written
  explicit left_out_file(std::string path) : path_(std::move(path)) {}

  /// Checks that the file can be made, and removes one of an earlier run.
  /// Errors  bad_setting
  caf::error prepare();

  /// Errors  bad_setting: the disk is full, for example
  caf::error add(left_out_reason reason, std::string_view detail,
                 const legacy_row& x);

  bool written() const { return out_.is_open(); }
  const std::string& path() const { return path_; }

private:
  std::string path_;
  std::ofstream out_;
};

} // namespace tickerflow
