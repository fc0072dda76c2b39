#include "io/simulator/certificate.hpp"

#include "io/certificates/certificate_check.hpp"
#include "messages/errc.hpp"

#include <ctime>
#include <filesystem>
#include <stdexcept>

namespace tickerflow::sim {

namespace {

constexpr std::int64_t week_s = 7 * 24 * 60 * 60;
constexpr int authority_days = 3650;
constexpr int certificate_days = 800; // some clients refuse more than 825

/// @returns whether the files belong together and hold for a week
bool are_good(const certificate_files& files) {
  auto facts = check_certificates(files);
  return facts && facts->ends_s > std::time(nullptr) + week_s;
}

template <class T>
T or_throw(caf::expected<T> x) {
  if (!x)
    throw std::runtime_error(text_of(x.error()));
  return std::move(*x);
}

void write(const std::string& path, const std::string& text, readable_by who) {
  if (auto error = write_pem_file(path, text, who, true))
    throw std::runtime_error(text_of(error));
}

} // namespace

certificate_files make_certificate(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw std::runtime_error("cannot make the folder " + folder + ": "
                             + error.message());
  certificate_files files{folder + "/server.pem", folder + "/server-key.pem",
                          folder + "/ca.pem"};
  if (are_good(files))
    return files;
  auto authority = or_throw(
      make_authority("Tickerflow simulator authority", authority_days));
  auto server = or_throw(issue_certificate(
      authority,
      {"localhost", {"localhost", "127.0.0.1", "::1"}, certificate_days}));
  // The authority's key is not kept: it can sign nothing else, ever.
  write(files.authority, authority.certificate, readable_by::everybody);
  write(files.certificate, server.certificate, readable_by::everybody);
  write(files.key, server.key, readable_by::owner);
  return files;
}

} // namespace tickerflow::sim
