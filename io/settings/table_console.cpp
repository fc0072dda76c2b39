#include "io/settings/table_console.hpp"

#include "io/settings/into.hpp"
#include "io/settings/parse.hpp"

namespace tickerflow {

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
       asking,
       {},
       "file that has the token",
       into(&s::console, &console::token_file, any_text())},
  };
}

} // namespace tickerflow
