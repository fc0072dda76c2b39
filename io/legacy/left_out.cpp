#include "io/legacy/left_out.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tickerflow {

namespace {

std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos)
    return std::string{text};
  std::string result = "\"";
  for (auto c : text) {
    if (c == '"')
      result += '"';
    result += c;
  }
  return result + '"';
}

caf::error cannot_write(const std::string& path) {
  return failure(errc::bad_setting,
                 path + " cannot be written: " + std::strerror(errno)
                     + " (name another file with --left-out)");
}

} // namespace

caf::error left_out_file::prepare() {
  if (path_.empty())
    return caf::none;
  std::error_code code;
  auto parent = std::filesystem::path{path_}.parent_path();
  if (!parent.empty())
    std::filesystem::create_directories(parent, code);
  std::ofstream probe{path_};
  if (!probe)
    return cannot_write(path_);
  probe.close();
  std::filesystem::remove(path_, code);
  return caf::none;
}

caf::error left_out_file::add(left_out_reason reason, std::string_view detail,
                              const legacy_row& x) {
  if (path_.empty())
    return caf::none;
  if (!out_.is_open()) {
    out_.open(path_);
    out_ << "reason,detail,rows,place,symbol,date,open,high,low,close,volume\n";
  }
  out_ << to_string(reason) << ',' << cell(detail) << ',' << x.times << ','
       << x.place;
  for (auto text :
       {&x.symbol, &x.date, &x.open, &x.high, &x.low, &x.close, &x.volume})
    out_ << ',' << cell(*text);
  out_ << '\n';
  return out_ ? caf::error{} : cannot_write(path_);
}

} // namespace tickerflow
