#include "io/certificates/certificate_folder.hpp"
#include "io/settings/parse.hpp"
#include "messages/errc.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <set>

namespace tickerflow {

namespace {

constexpr std::int64_t day_s = 24 * 60 * 60;

/// "NAME:host,host"; without hosts the name is its own host.
certificate_request parse_node(const std::string& text) {
  certificate_request result;
  auto colon = text.find(':');
  result.name = text.substr(0, colon);
  if (colon != std::string::npos)
    result.hosts = split_list(text.substr(colon + 1));
  if (result.hosts.empty())
    result.hosts = {result.name};
  return result;
}

struct certs_command {
  std::string folder = "certs";
  int days = 365;
  bool force = false;
  std::vector<std::string> nodes;

  int run() const {
    std::vector<certificate_request> wanted;
    std::set<std::string> names;
    for (auto& text : nodes) {
      auto x = parse_node(text);
      x.days = days;
      if (!is_node_name(x.name)) {
        std::cerr << '"' << x.name
                  << "\" cannot name a node: letters, digits, \".\", \"_\" and "
                     "\"-\" can, beginning with a letter or digit, at most 64, "
                     "but not \"ca\" and not \"...-key\" (files have these "
                     "names)\n";
        return exit_usage;
      }
      if (!names.insert(x.name).second) {
        std::cerr << '"' << x.name << "\" is named twice\n";
        return exit_usage;
      }
      for (auto& host : x.hosts)
        if (!is_certificate_host(host)) {
          std::cerr << '"' << host << "\" (of " << x.name
                    << ") is neither a host name nor an address\n";
          return exit_usage;
        }
      wanted.push_back(std::move(x));
    }
    auto path = std::filesystem::absolute(folder).lexically_normal();
    auto made = certificate_folder::open(path.string());
    if (!made)
      return tell(made.error());
    // All or nothing: what is refused half-way leaves nodes that cannot talk.
    for (auto& x : wanted)
      if (auto file = made->existing_file(x.name); !force && !file.empty()) {
        std::cerr << file
                  << " is there already, nothing is made: --force replaces it "
                     "(its node needs the new files and a new start)\n";
        return exit_failed;
      }
    tell_authority(*made);
    for (auto& x : wanted) {
      auto files = made->issue(x, force);
      if (!files)
        return tell(files.error());
      tell_node(x, *files);
    }
    std::cout << "\nEach node needs its two files and ca.pem on its machine, "
                 "and the three settings above\n(environment, .env or flags). "
                 "Whoever has a certificate of this authority is let in.\n";
    return exit_ok;
  }

private:
  static int tell(const caf::error& reason) {
    std::cerr << "tickerflow certs: " << text_of(reason) << '\n';
    return reason == errc::bad_setting ? exit_usage : exit_failed;
  }

  static void tell_authority(const certificate_folder& x) {
    std::cout << (x.made_authority() ? "made the authority "
                                     : "the authority is ")
              << x.authority_file() << "\n  its key " << x.authority_key_file()
              << " makes further certificates: keep it secret, and off the "
                 "nodes\n";
  }

  void tell_node(const certificate_request& x,
                 const certificate_files& files) const {
    auto pem = read_pem_file(files.certificate);
    auto facts = pem ? facts_of(*pem) : std::nullopt;
    std::cout << "\nmade a certificate for " << x.name << " (";
    for (auto& host : x.hosts)
      std::cout << (&host == &x.hosts.front() ? "" : ", ") << host;
    std::cout << ')';
    if (facts) {
      std::cout << ", good until " << date_text(facts->ends_s);
      if (facts->ends_s < std::time(nullptr) + (days - 1) * day_s)
        std::cout << ", when its authority ends";
    }
    std::cout << "\n  TICKERFLOW_TLS_CERT=" << files.certificate
              << "\n  TICKERFLOW_TLS_KEY=" << files.key
              << "\n  TICKERFLOW_TLS_CA=" << files.authority << '\n';
  }
};

} // namespace

void add_certs(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "certs", "Make a private authority and certificates for nodes, which "
               "encrypt the links between them");
  verb->group("Set up");
  auto command = std::make_shared<certs_command>();
  verb->add_option("--out", command->folder,
                   "folder of authority and certificates; made if missing, and "
                   "its authority is used again")
      ->capture_default_str();
  verb->add_option("--days", command->days, "how long they are good")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  verb->add_flag("--force", command->force,
                 "replace certificates and keys that are there (never the "
                 "authority)");
  verb->add_option("nodes", command->nodes,
                   "NAME[:HOST,ADDRESS...], e.g. master:10.0.0.1 w1 w2")
      ->required();
  verb->footer(
      "Example, two commands to encrypted links:\n"
      "  tickerflow certs --out /etc/tickerflow master w1 w2\n"
      "  tickerflow master --listen 0.0.0.0:4711 --tls-cert "
      "/etc/tickerflow/master.pem \\\n    --tls-key "
      "/etc/tickerflow/master-key.pem --tls-ca /etc/tickerflow/ca.pem");
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
