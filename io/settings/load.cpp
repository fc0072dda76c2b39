#include "io/settings/load.hpp"

#include "io/settings/declaration.hpp"
#include "io/settings/dsn.hpp"
#include "io/settings/parse.hpp"
#include "io/settings/secret_key.hpp"
#include "io/settings/sources.hpp"

#include <algorithm>

extern char** environ;

namespace tickerflow {

namespace {

using source = setting_origin::source;

/// Puts the sources together and checks the whole.
class loader {
public:
  explicit loader(const environment& variables) : variables_(variables) {}

  /// Adds a source weaker than all before it.
  void add(source_content x) {
    for (auto& [key, value] : x.by_key)
      chosen_.try_emplace(key, std::move(value));
    for (auto& text : x.faults)
      faults_.push_back(std::move(text));
    for (auto& text : x.notes)
      result_.notes.push_back(std::move(text));
  }

  std::variant<settings, settings_error> finish() {
    for (auto& x : setting_table())
      assign(x);
    if (faults_.empty()) {
      settle_postgres();
      check_cluster();
      check_links();
      check_topics();
      check_urls();
    }
    if (faults_.empty())
      return std::move(result_);
    std::string text;
    for (auto& x : faults_)
      text += (text.empty() ? "" : "\n") + x;
    return settings_error{text};
  }

private:
  void assign(const setting& x) {
    candidate value{x.default_text, {}};
    if (auto i = chosen_.find(x.key); i != chosen_.end())
      value = i->second;
    else if (x.make_default)
      value.text = x.make_default(variables_);
    if (auto bad = x.assign(result_, value.text)) {
      faults_.push_back(x.key + " = \"" + masked(x, value.text) + "\" ("
                        + to_string(value.origin) + "): allowed is "
                        + bad->allowed);
      return;
    }
    if (x.key == "tickers") // as it counts: upper case, no doubles
      value.text = join_list(result_.tickers);
    result_.values.push_back({&x, value.text, value.origin});
  }

  setting_value& value(const std::string& key) {
    return *std::find_if(result_.values.begin(), result_.values.end(),
                         [&](auto& x) { return x.declared->key == key; });
  }

  /// "a = 1s (default)", for a text about settings that do not go together.
  std::string told(const std::string& key) {
    auto& x = value(key);
    return key + " = \"" + masked(*x.declared, x.text) + "\" ("
           + to_string(x.origin) + ")";
  }

  void settle_postgres() {
    auto& pg = result_.postgres;
    auto& whole = value("postgres");
    if (pg.dsn.empty()) {
      pg.dsn = make_dsn(pg);
      whole.origin.place = "made of postgres_*";
      whole.text = pg.dsn;
      return;
    }
    // Only the password goes in: it may not stand in a flag.
    pg.dsn = with_password(pg.dsn, pg.password);
    for (auto key :
         {"postgres_host", "postgres_port", "postgres_user", "postgres_db"})
      if (value(key).origin.from != source::built_in)
        result_.notes.push_back(told(key) + " is not used: postgres is set by "
                                + to_string(whole.origin));
    whole.text = pg.dsn;
  }

  void check_cluster() {
    auto& x = result_.cluster;
    auto need = [&](bool good, const std::string& less,
                    const std::string& more) {
      if (!good)
        faults_.push_back(told(less) + " must be less than " + told(more));
    };
    need(x.beat_interval < x.suspect_after, "beat_interval", "suspect_after");
    need(x.suspect_after < x.dead_after, "suspect_after", "dead_after");
  }

  void check_links() {
    std::string given;
    std::string missing;
    for (auto key : {"tls_cert", "tls_key", "tls_ca"}) {
      auto& to = value(key).text.empty() ? missing : given;
      to += (to.empty() ? "" : " and ") + (&to == &given ? told(key) : key);
    }
    if (!given.empty() && !missing.empty())
      faults_.push_back(given + " cannot encrypt without " + missing
                        + ": set all three of tls_cert, tls_key and tls_ca, or "
                          "none (\"tickerflow certs\" makes them)");
  }

  void check_topics() {
    const std::vector<std::string> keys{
        "kafka_topic_raw", "kafka_topic_processed", "kafka_topic_alerts",
        "kafka_topic_dead_letters"};
    for (std::size_t i = 0; i < keys.size(); ++i)
      for (std::size_t j = i + 1; j < keys.size(); ++j)
        if (value(keys[i]).text == value(keys[j]).text)
          faults_.push_back(told(keys[i]) + " and " + told(keys[j])
                            + " must be different topics");
  }

  void check_urls() {
    check_url("api_url", result_.api.url, "the API key");
    check_url("console_url", result_.console.url, "the console's token");
  }

  void check_url(const std::string& key, const std::string& url,
                 const std::string& what_travels) {
    if (url.rfind("http://", 0) == 0
        && url.find("://localhost") == std::string::npos
        && url.find("://127.") == std::string::npos
        && url.find("://[::1]") == std::string::npos)
      result_.notes.push_back(told(key) + ": " + what_travels
                              + " travels unencrypted");
  }

  const environment& variables_;
  std::map<std::string, candidate> chosen_;
  std::vector<std::string> faults_;
  settings result_;
};

} // namespace

environment process_environment() {
  environment result;
  for (auto i = environ; i != nullptr && *i != nullptr; ++i) {
    std::string line = *i;
    auto equals = line.find('=');
    if (equals != std::string::npos)
      result[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return result;
}

std::variant<settings, settings_error>
load_settings(const flag_values& flags, const environment& variables,
              const settings_paths& paths) {
  auto from_variables = read_variables(variables);
  auto from_dotenv = read_dotenv(paths.dotenv);
  auto config = flags.config_file.value_or(from_variables.config_file);
  if (config.empty())
    config = from_dotenv.config_file;
  loader sources{variables};
  sources.add(read_flags(flags));
  sources.add(std::move(from_variables));
  sources.add(std::move(from_dotenv));
  std::error_code ignored;
  if (!config.empty())
    sources.add(read_settings_file(config));
  else if (std::filesystem::exists(paths.config, ignored))
    sources.add(read_settings_file(paths.config));
  return sources.finish();
}

} // namespace tickerflow
