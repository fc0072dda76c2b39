#include "io/settings/table_console.hpp"

#include "io/settings/into.hpp"
#include "io/settings/parse.hpp"

namespace tickerflow {

namespace {

constexpr auto serving = verb_kind::run | verb_kind::demo | verb_kind::master;

template <class T>
setting served(const std::string& key, T console_settings::*member,
               parser<T> parse, const std::string& help) {
  setting result;
  result.key = key;
  result.group = "Console";
  result.verbs = serving;
  result.help = help;
  result.assign = into(&settings::console, member, std::move(parse));
  return result;
}

} // namespace

std::vector<setting> console_entries() {
  using k = value_kind;
  using s = settings;
  using console = console_settings;
  const auto group = std::string{"Console"};
  constexpr auto asking = 0U | verb_kind::console;
  return {
      {"console_url",
       k::url,
       "http://127.0.0.1:8081",
       group,
       asking,
       {},
       "where the console of a master is",
       into(&s::console, &console::url, http_url())},
      {"console_ca_file",
       k::text,
       "",
       group,
       asking,
       {},
       "PEM file of a further authority to trust there",
       into(&s::console, &console::ca_file, any_text())},
      {"console_token",
       k::secret,
       "",
       group,
       asking,
       {},
       "the operator's or a viewer's token for the console",
       into(&s::console, &console::token, any_text())},
      {"console_token_file",
       k::text,
       "",
       group,
       asking | serving,
       {},
       "file with the token: of a master the operator's, empty = one is made "
       "in the data folder",
       into(&s::console, &console::token_file, any_text())},
      {"console_listen",
       k::address,
       "127.0.0.1:8081",
       group,
       serving,
       {},
       "serve the console there, host:port or off; 0.0.0.0 = on every address",
       into(&s::console, &console::listen, address_or_none())},
      served("console_viewer_token_file", &console::viewer_token_file,
             any_text(),
             "file with the token of those who may only look; empty = there "
             "are none"),
      served("console_certificate", &console::certificate, any_text(),
             "PEM file: the console's certificate and its chain; encrypts it"),
      served("console_key", &console::key, any_text(),
             "PEM file: its private key"),
      served("console_hosts", &console::hosts, text_list(),
             "further names by which browsers reach it, between commas"),
  };
}

} // namespace tickerflow
