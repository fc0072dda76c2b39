#include "io/doctor/doctor.hpp"
#include "io/doctor/tls_probe.hpp"
#include "io/settings/parse.hpp"

#include <algorithm>
#include <chrono>

namespace tickerflow {

namespace {

constexpr auto free_key = "get a free key at "
                          "https://www.alphavantage.co/support/#api-key and "
                          "put it into .env as API_KEY";

/// @returns where the URL points to; settings have checked its form
endpoint server_of(const std::string& url, bool is_tls) {
  auto start = url.find("://") + 3;
  auto host = url.substr(start, url.find_first_of("/?#", start) - start);
  if (auto x = parse_endpoint(host))
    return *x;
  return parse_endpoint(host + (is_tls ? ":443" : ":80")).value_or(endpoint{});
}

/// Never with the key itself, nor a part of it.
void check_key(group_report& report, const std::string& key) {
  auto typical =
      key.size() == 16 && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      });
  if (key.empty())
    report.fail("key", "API_KEY is not set: no bar can be fetched", free_key);
  else if (key == "demo")
    report.warn("key", "\"demo\" answers only the documentation's own queries",
                free_key);
  else if (!typical)
    report.warn("key",
                "does not look like a key: " + std::to_string(key.size())
                    + " characters; keys are 16 of A-Z 0-9",
                "compare it with the mail or page that gave it: spaces, "
                "quotes, a cut end?");
  else
    report.ok("key", "set; 16 of A-Z 0-9, as keys are");
}

} // namespace

findings check_api(const settings& x) {
  using namespace std::chrono;
  group_report report{"API"};
  check_key(report, x.api.key);
  auto is_tls = x.api.url.rfind("https://", 0) == 0;
  auto server = server_of(x.api.url, is_tls);
  auto reached = connect_to(server, doctor_patience);
  auto where = to_string(server);
  if (reached.fault == reach_fault::unknown_name) {
    report.fail("name " + server.host, reached.cause,
                "check the network and /etc/resolv.conf, or api_url "
                "(TICKERFLOW_API_URL)");
    return report.take();
  }
  report.ok("name " + server.host, reached.address);
  if (reached.fault != reach_fault::none) {
    report.fail("port " + where, reached.cause,
                "check the network and the firewall for outgoing connections, "
                "or api_url (TICKERFLOW_API_URL)");
    return report.take();
  }
  // The start page: a query would count against the budget.
  auto answer =
      ask_start_page(reached.socket, server.host, is_tls, x.api.ca_file);
  auto now_s =
      duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  if (!answer.fault.empty()) {
    report.fail("port " + where, answer.fault,
                answer.bad_certificate
                    ? "if a proxy stands between, put its authority into "
                      "api_ca_file (TICKERFLOW_API_CA_FILE); check the clock; "
                      "apt-get install ca-certificates"
                    : "check api_url (TICKERFLOW_API_URL): https or http, host "
                      "and port");
    return report.take();
  }
  report.ok("port " + where, answer.status_line);
  if (answer.date_s)
    report_clock(report, server.host, (now_s - *answer.date_s) * 1000, 1000);
  return report.take();
}

} // namespace tickerflow
