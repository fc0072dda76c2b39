#include "io/certificates/certificate_check.hpp"
#include "io/doctor/doctor.hpp"
#include "io/reach/reach.hpp"
#include "messages/errc.hpp"

#include <unistd.h>

#include <ctime>
#include <filesystem>

namespace tickerflow {

namespace {

constexpr std::int64_t month_s = 30 * 24 * 60 * 60;

/// What encrypts the links between nodes, if anything does.
void check_links(group_report& report, const cluster_settings& x) {
  if (x.tls_cert.empty()) {
    if (is_loopback(x.listen.host))
      report.ok(
          "links between nodes",
          "not encrypted, and a master here listens to this machine only");
    else if (x.insecure_links)
      report.warn("links between nodes",
                  "not encrypted: whoever reaches " + to_string(x.listen)
                      + " can stop the cluster or lead it astray",
                  "make certificates (\"tickerflow certs\") and set tls_cert, "
                  "tls_key and tls_ca, or let a private network guard it");
    else
      report.fail("links between nodes",
                  "a master does not listen on " + to_string(x.listen)
                      + " without certificates",
                  "make some (\"tickerflow certs\") and set tls_cert, tls_key "
                  "and tls_ca, or listen on 127.0.0.1");
    return;
  }
  auto name = "tls_cert " + x.tls_cert;
  auto facts = check_certificates({x.tls_cert, x.tls_key, x.tls_ca});
  if (!facts)
    report.fail(name, text_of(facts.error()),
                "\"tickerflow certs\" makes all three files");
  else if (facts->ends_s < std::time(nullptr) + month_s)
    report.warn(name, "ends on " + date_text(facts->ends_s),
                "make a new one (\"tickerflow certs --force " + facts->name
                    + "\")");
  else
    report.ok(name, facts->name + ", signed by " + facts->issuer
                        + ", good until " + date_text(facts->ends_s));
}

void check_listen(group_report& report, const endpoint& x) {
  auto name = "listen " + to_string(x);
  auto fault = cannot_listen(x);
  // A running master is the likeliest owner, and then all is well.
  if (fault == "in use")
    report.warn(name, "the port is in use",
                "good if a master runs here; else stop the other program (ss "
                "-ltnp shows it) or choose another with --listen");
  else if (!fault.empty())
    report.fail(name, fault,
                "set listen (TICKERFLOW_LISTEN) to an address of this machine "
                "and a free port");
  else if (x.host == "0.0.0.0" || x.host == "::")
    report.ok(name, "free; it will be open on every network of this machine");
  else
    report.ok(name, "free");
}

void check_disk(group_report& report, const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code fault;
  auto name = "data_dir " + folder;
  auto existing = fs::absolute(folder, fault);
  while (!existing.empty() && !fs::exists(existing, fault)
         && existing.has_relative_path())
    existing = existing.parent_path();
  if (!fs::is_directory(existing, fault)) {
    report.fail(name, existing.string() + " is no folder",
                "set data_dir (TICKERFLOW_DATA_DIR) to a folder");
    return;
  }
  if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    report.fail(name, "this user may not write to " + existing.string(),
                "change its owner, or set data_dir (TICKERFLOW_DATA_DIR)");
    return;
  }
  auto space = fs::space(existing, fault);
  if (fault) {
    report.warn(name, "free space is not known: " + fault.message(),
                "look with df " + existing.string());
    return;
  }
  constexpr std::uintmax_t mib = 1024 * 1024;
  auto text = std::to_string(space.available / mib) + " MiB free";
  auto fix =
      "free some space, or set data_dir (TICKERFLOW_DATA_DIR) to another "
      "disk";
  if (space.available < 100 * mib)
    report.fail(name, text, fix);
  else if (space.available < 1024 * mib)
    report.warn(name, text, fix);
  else
    report.ok(name, text);
}

} // namespace

findings check_machine(const settings& x) {
  group_report report{"This machine"};
  check_listen(report, x.cluster.listen);
  check_links(report, x.cluster);
  check_disk(report, x.data_dir);
  return report.take();
}

} // namespace tickerflow
