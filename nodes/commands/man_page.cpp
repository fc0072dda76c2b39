#include "nodes/commands/man_page.hpp"

#include "io/settings/declaration.hpp"
#include "nodes/exit_codes.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <iostream>

namespace tickerflow {

namespace {

constexpr auto page_date = "2026-11-24"; // of the parts written by hand

/// Text that roff prints as it is.
std::string plain(const std::string& text) {
  std::string result;
  for (auto c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-"; // a hyphen would not be found or copied as a minus
    else
      result += c == '\n' ? ' ' : c;
  }
  // A line must not begin with a control character.
  if (!result.empty() && (result[0] == '.' || result[0] == '\''))
    result.insert(0, "\\&");
  return result;
}

std::string bold(const std::string& text) {
  return "\\fB" + plain(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + plain(text) + "\\fR";
}

std::string upper(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// "A sentence" of what --help has without a full stop.
std::string sentence(const std::string& text) {
  auto result = plain(text);
  return !result.empty() && result.back() == '.' ? result : result + '.';
}

std::string value_of(const flag_shape& x) {
  if (x.choices.empty())
    return italic(x.value);
  std::string result;
  for (auto& choice : x.choices)
    result += (result.empty() ? "" : "|\\:") + plain(choice); // may break
  return result;
}

std::string flag_entry(const flag_shape& x) {
  std::string names;
  for (auto& name : x.names)
    names += (names.empty() ? "" : ", ") + bold(name);
  if (!x.value.empty())
    names += ' ' + value_of(x);
  return ".TP\n" + names + '\n' + sentence(x.help) + '\n';
}

std::string synopsis_of(const verb_shape& x) {
  auto result = bold("tickerflow " + x.path);
  if (!x.verbs.empty() && !x.does_something)
    result += ' ' + italic("VERB");
  result += " [" + italic("FLAGS") + ']';
  for (auto& word : x.words)
    result += ' '
              + (word.is_required ? italic(word.names.front())
                                  : '[' + italic(word.names.front()) + ']');
  return result;
}

std::string verb_entry(const verb_shape& x) {
  auto result = ".SS \"tickerflow " + plain(x.path) + "\"\n" + synopsis_of(x)
                + "\n.PP\n" + sentence(x.help) + '\n';
  std::string settings;
  for (auto& word : x.words)
    if (!word.help.empty())
      result += ".TP\n" + italic(word.names.front())
                + (word.choices.empty() ? "" : " (" + value_of(word) + ')')
                + '\n' + sentence(word.help) + '\n';
  for (auto& flag : x.flags) {
    if (flag.is_setting)
      settings += (settings.empty() ? "" : ", ") + bold(flag.names.front());
    else if (flag.names.front() != "--help")
      result += flag_entry(flag);
  }
  if (!settings.empty())
    result += ".PP\nSettings: " + settings + ".\n";
  if (!x.footer.empty() && !x.path.empty()) {
    result += ".PP\n.nf\n";
    for (std::size_t at = 0; at < x.footer.size();) {
      auto end = std::min(x.footer.find('\n', at), x.footer.size());
      result += plain(x.footer.substr(at, end - at)) + '\n';
      at = end + 1;
    }
    result += ".fi\n";
  }
  return result;
}

std::string settings_part() {
  std::string result;
  std::string group;
  for (auto& x : setting_table()) {
    if (x.group != group) {
      group = x.group;
      result += ".SS " + plain(group) + '\n';
    }
    result += ".TP\n" + bold(x.key) + '\n' + sentence(x.help) + '\n';
    if (!x.default_text.empty())
      result += "Default: " + plain(x.default_text) + ".\n";
    std::string names;
    if (x.kind != value_kind::secret)
      names = bold(flag_name(x));
    for (auto& name : variable_names(x))
      names += (names.empty() ? "" : ", ") + plain(name);
    if (takes_file_variable(x))
      names += ", or the file named by " + plain(variable_names(x).front())
               + "_FILE";
    result += ".br\n" + names + ".\n";
  }
  return result;
}

std::string exit_part() {
  std::string result;
  for (auto& [code, text] : exit_code_meanings)
    result += ".TP\n" + bold(std::to_string(code)) + '\n'
              + sentence(std::string{text}) + '\n';
  return result
         + ".PP\nA verb that a signal ends has 128 and the signal's number.\n";
}

constexpr auto description = R"(.SH DESCRIPTION
Tickerflow polls intraday bars of tickers, streams them through Apache Kafka,
aggregates them on worker nodes into windows and keeps both in PostgreSQL, each
bar exactly once. One program is all of it: nodes, the whole pipeline on one
machine, and the command line to look at it and to operate it.
.PP
The verbs of the group Look ask the console of the master that leads
.RB ( console_url );
.B status
asks the master itself. They print tables for people, or with
.B \-\-json
what the API answers, for programs. Tables fit the terminal; without one they
are as wide as they get. Times are in New York or in UTC, as the heading says.
)";

constexpr auto files_part = R"(.SH FILES
.TP
.I tickerflow.json
Settings as one JSON object, in the folder where the program starts, or named
by \fB\-\-config\fR or TICKERFLOW_CONFIG.
.TP
.I .env
Settings as variables, in the folder where the program starts.
.TP
.I /etc/tickerflow/tickerflow.env
Settings of the services that the Debian package installs.
.TP
.I ~/.local/share/tickerflow
What the processes of \fBtickerflow run\fR and \fBdemo\fR keep: data, logs;
/var/lib/tickerflow for root. Setting \fBdata_dir\fR.
)";

constexpr auto environment_part = R"(.SH ENVIRONMENT
Each setting is a variable, TICKERFLOW_ and its name; see SETTINGS. Flags come
before the environment, then
.IR .env ,
then
.IR tickerflow.json ,
then defaults. Secrets are never flags, for flags can be seen by every user of
the machine.
.TP
.B NO_COLOR
If it is set and not empty: no colours.
.TP
.B TERM
The terminal, for \fBtickerflow top\fR and colours; dumb: no colours.
.TP
.B TICKERFLOW_CONFIG
The settings file.
)";

constexpr auto examples_part = R"(.SH EXAMPLES
.TP
Everything on this machine with a simulated market:
.nf
tickerflow demo
.fi
.TP
Watch it live:
.nf
tickerflow top
.fi
.TP
The ten actors with the fullest mailboxes, again every five seconds:
.nf
tickerflow actors \-\-sort mailbox \-\-limit 10 \-\-watch 5
.fi
.TP
Names of the tickers that are late, for a script:
.nf
tickerflow tickers \-\-json | jq \-r '.items[] | select(.late_s) | .symbol'
.fi
.TP
Where a bar was when:
.nf
tickerflow trace MSFT \-\-start "2020\-11\-02 09:30"
.fi
.TP
Ask the console of another machine, over TLS:
.nf
TICKERFLOW_CONSOLE_TOKEN_FILE=token tickerflow alerts \e
  \-\-console\-url https://master:8081 \-\-console\-ca\-file ca.pem
.fi
)";

} // namespace

std::string man_page(const verb_shape& program) {
  std::string result = ".\\\" Made by \"tickerflow man\".\n.TH TICKERFLOW 1 "
                       "\"";
  result += std::string{page_date}
            + "\" \"Tickerflow " TICKERFLOW_VERSION "\" \"User Commands\"\n"
              // Flags must not be torn apart, nor lines stretched.
              ".nh\n.ad l\n"
              ".SH NAME\ntickerflow \\- "
            + plain(program.help)
            + "\n.SH SYNOPSIS\n.B tickerflow\n.I VERB\n"
              ".RI [ FLAGS ]\n.RI [ WORDS ]\n.br\n.B tickerflow\n"
              "\\fIVERB\\fR \\fB\\-\\-help\\fR\n"
            + description;
  // In the groups of --help, in their order there.
  std::vector<std::string> groups;
  for (auto& verb : program.verbs)
    if (std::find(groups.begin(), groups.end(), verb.group) == groups.end())
      groups.push_back(verb.group);
  for (auto& group : groups) {
    result += ".SH \"COMMANDS: " + plain(upper(group)) + "\"\n";
    for (auto& verb : program.verbs)
      if (verb.group == group)
        for (auto x : all_verbs(verb))
          result += verb_entry(*x);
  }
  return result
         + ".SH SETTINGS\nWhere each comes from is shown by "
           "\\fBtickerflow config show\\fR.\n"
         + settings_part() + files_part + environment_part
         + ".SH \"EXIT STATUS\"\n" + exit_part() + examples_part
         + ".SH \"SEE ALSO\"\n.BR psql (1),\n.BR kcat (1),\n.BR jq (1)\n";
}

void add_man(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "man", "Print the manual page: \"tickerflow man | man -l -\" shows it");
  verb->group("Set up");
  verb->callback([&program, &exit_code] {
    std::cout << man_page(shape_of(program));
    exit_code = std::cout.flush() ? exit_ok : exit_failed;
  });
}

} // namespace tickerflow
