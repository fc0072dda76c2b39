#include "nodes/support/bundle.hpp"

#include "io/log/redact.hpp"
#include "nodes/commands/console_token.hpp"

#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <fstream>
#include <variant>

namespace tickerflow {

namespace {

namespace fs = std::filesystem;

void register_everywhere(const std::string& secret) {
  register_secret(secret);
  // A quote or a letter beyond ASCII looks different inside JSON.
  for (auto ascii : {false, true}) {
    auto text = ordered_json(secret).dump(
        -1, ' ', ascii, ordered_json::error_handler_t::replace);
    register_secret(text.substr(1, text.size() - 2));
  }
}

} // namespace

bundle::bundle(std::string folder) : folder_(std::move(folder)) {
  // nop
}

void bundle::add(const std::string& name, const std::string& what,
                 const std::string& content) {
  auto text = redact(content);
  lines_.push_back({name, what, {}, text.size(), text != content});
  files_.push_back({folder_ + '/' + name, std::move(text)});
}

void bundle::add_missing(const std::string& name, const std::string& what,
                         const std::string& why) {
  lines_.push_back({name, what, redact(why), 0, false});
}

std::string bundle::manifest() const {
  std::string result = "What is in this support bundle\n\n";
  for (auto& x : lines_)
    if (x.why_missing.empty())
      result += fmt::format("{:<24} {:>9} bytes  {}{}\n", x.name, x.bytes,
                            x.what, x.was_masked ? " (masked in part)" : "");
  result += "\nWhat is missing\n\n";
  auto all = true;
  for (auto& x : lines_)
    if (!x.why_missing.empty()) {
      all = false;
      result += fmt::format("{:<24} {}: {}\n", x.name, x.what, x.why_missing);
    }
  if (all)
    result += "nothing\n";
  return result + R"(
What was masked

As *** in every file: the API key, passwords (also in connection strings and
in properties of Kafka's client), the console's tokens, and whatever follows
password=, passwd=, apikey= or api_key=. Strings in statements of SQL are '?'.
Not masked: names of hosts, users, databases, topics, nodes and tickers,
addresses, prices, log lines, keys and reasons of dead letters. Private keys
and payloads of dead letters are not in it. Look through it before you send it.
)";
}

std::vector<archive_file> bundle::files() const {
  std::vector<archive_file> result{{folder_ + "/MANIFEST.txt", manifest()}};
  result.insert(result.end(), files_.begin(), files_.end());
  return result;
}

void register_bundle_secrets(const settings& x) {
  for (auto& secret : secrets_of(x))
    register_everywhere(secret);
  auto token = console_token_of(x);
  if (auto text = std::get_if<std::string>(&token))
    register_everywhere(*text);
  std::error_code ignored;
  for (auto& folder : kept_folders(x.data_dir))
    for (auto& file : fs::directory_iterator{folder, ignored}) {
      auto kind = file.path().extension();
      std::string secret;
      if (kind == ".password" || kind == ".token")
        if (std::ifstream in{file.path()}; std::getline(in, secret))
          register_everywhere(secret);
    }
}

} // namespace tickerflow
