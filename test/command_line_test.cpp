#define CAF_SUITE command_line

// What is made of the command line's parser: completion and the manual.

#include "io/settings/declaration.hpp"
#include "nodes/commands/completion.hpp"
#include "nodes/commands/man_page.hpp"
#include "nodes/exit_codes.hpp"
#include "nodes/program.hpp"

#include <CLI/CLI.hpp>
#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <unistd.h>

using namespace tickerflow;

namespace {

namespace fs = std::filesystem;

struct fixture {
  fixture() {
    describe_program(program, exit_code);
    shape = shape_of(program);
    char name[] = "/tmp/tickerflow_command_line_XXXXXX";
    folder = ::mkdtemp(name);
  }

  ~fixture() { fs::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream{folder / name} << text;
    return (folder / name).string();
  }

  static std::string output_of(const std::string& command) {
    std::string result;
    auto pipe = ::popen(command.c_str(), "r");
    char buffer[4096];
    for (size_t got = 0;
         (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
      result.append(buffer, got);
    status = ::pclose(pipe);
    return result;
  }

  static bool is_there(const std::string& shell) {
    output_of("command -v " + shell);
    return status == 0;
  }

  /// What bash offers for a line, as its completion hands it over.
  std::set<std::string> in_bash(const std::string& line) {
    auto script = write("bash", bash_completion(shape));
    std::istringstream words{line};
    auto count = -1;
    for (std::string word; words >> word;)
      ++count;
    count += line.back() == ' ' ? 1 : 0;
    auto blank = line.back() == ' ' ? " ''" : "";
    return lines_of(
        output_of("bash -c 'source " + script + "; COMP_WORDS=(" + line + blank
                  + "); COMP_CWORD=" + std::to_string(count)
                  + "; _tickerflow; printf \"%s\\n\" \"${COMPREPLY[@]}\"'"));
  }

  std::set<std::string> in_fish(const std::string& line) {
    auto script = write("fish", fish_completion(shape));
    auto text = output_of("HOME=" + folder.string() + " fish -c 'source "
                          + script + "; complete -C \"" + line + "\"'");
    std::set<std::string> result;
    for (auto& x : lines_of(text))
      result.insert(x.substr(0, x.find('\t')));
    return result;
  }

  static std::set<std::string> lines_of(const std::string& text) {
    std::set<std::string> result;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
      if (!line.empty())
        result.insert(line);
    return result;
  }

  CLI::App program{"what it is", "tickerflow"};
  int exit_code = exit_ok;
  verb_shape shape;
  fs::path folder;
  static inline int status = 0;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

using words = std::set<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(command_line_tests, fixture)

CAF_TEST(every verb says what it is and stands in a group) {
  CAF_CHECK_GREATER(shape.verbs.size(), 20u);
  for (auto verb : all_verbs(shape)) {
    CAF_CHECK(!verb->help.empty());
    if (verb->path.find(' ') == std::string::npos && !verb->path.empty()
        && verb->group == "Subcommands")
      CAF_ERROR("no group of --help has " << verb->path);
  }
}

CAF_TEST(the manual has every verb and flag and setting and exit code) {
  auto text = man_page(shape);
  auto escaped = [](const std::string& x) {
    std::string result;
    for (auto c : x)
      result += c == '-' ? std::string{"\\-"} : std::string{c};
    return result;
  };
  for (auto verb : all_verbs(shape)) {
    if (verb->path.empty())
      continue;
    if (!contains(text, ".SS \"tickerflow " + escaped(verb->path) + '"'))
      CAF_ERROR("the manual lacks the verb " << verb->path);
    for (auto& flag : verb->flags)
      if (flag.names.front() != "--help"
          && !contains(text, "\\fB" + escaped(flag.names.front()) + "\\fR"))
        CAF_ERROR("the manual lacks " << flag.names.front());
  }
  for (auto& x : setting_table())
    if (!contains(text, "\\fB" + x.key + "\\fR"))
      CAF_ERROR("the manual lacks the setting " << x.key);
  for (auto& x : exit_code_meanings)
    CAF_CHECK(contains(text, escaped(std::string{x.text})));
  for (auto section : {"NAME", "SYNOPSIS", "DESCRIPTION", "FILES",
                       "ENVIRONMENT", "\"EXIT STATUS\"", "EXAMPLES"})
    CAF_CHECK(contains(text, std::string{"\n.SH "} + section + '\n'));
}

CAF_TEST(the manual is good roff) {
  auto file = write("tickerflow.1", man_page(shape));
  for (std::string tool : {"mandoc", "groff"}) {
    if (!is_there(tool)) {
      CAF_MESSAGE("not installed: " << tool);
      continue;
    }
    auto complaints =
        tool == "mandoc"
            ? output_of("mandoc -Tlint -Wwarning " + file)
            : output_of("groff -man -Tutf8 -ww -z " + file + " 2>&1");
    CAF_CHECK_EQUAL(complaints, "");
  }
}

CAF_TEST(the guide tells every verb and exit code) {
  std::ifstream file{TICKERFLOW_SOURCE_DIR "/docs/cli.md"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  for (auto& verb : shape.verbs)
    if (!contains(text, "tickerflow " + verb.name))
      CAF_ERROR("docs/cli.md lacks " << verb.name);
  for (auto& x : exit_code_meanings)
    CAF_CHECK(contains(text, std::string{x.text}));
}

CAF_TEST(bash completes verbs and flags and values) {
  CAF_CHECK_EQUAL(in_bash("tickerflow al"), words{"alerts"});
  CAF_CHECK_EQUAL(in_bash("tickerflow actors "),
                  (words{"ls", "show", "tail", "restart"}));
  CAF_CHECK_EQUAL(in_bash("tickerflow actors ls --st"), words{"--state"});
  CAF_CHECK_EQUAL(in_bash("tickerflow actors --state "),
                  (words{"idle", "busy", "stuck", "dead"}));
  CAF_CHECK_EQUAL(in_bash("tickerflow demo --interval 1"),
                  (words{"1min", "15min"}));
  // A flag's value is no verb.
  CAF_CHECK_EQUAL(in_bash("tickerflow dlq --reason show re"), words{"replay"});
  // bash takes --flag=value apart.
  CAF_CHECK_EQUAL(in_bash("tickerflow actors --state = bu"), words{"busy"});
  CAF_CHECK_EQUAL(in_bash("tickerflow completion z"), words{"zsh"});
}

CAF_TEST(fish completes the same where it is installed) {
  if (!is_there("fish")) {
    CAF_MESSAGE("not installed: fish");
    CAF_CHECK(contains(fish_completion(shape), "complete -c tickerflow"));
    return;
  }
  CAF_CHECK_EQUAL(in_fish("tickerflow al"), words{"alerts"});
  CAF_CHECK_EQUAL(in_fish("tickerflow actors "),
                  (words{"ls", "show", "tail", "restart"}));
  CAF_CHECK_EQUAL(in_fish("tickerflow actors --state "),
                  (words{"idle", "busy", "stuck", "dead"}));
  CAF_CHECK_EQUAL(in_fish("tickerflow actors ls --stat"), words{"--state"});
}

CAF_TEST(zsh takes its script where it is installed) {
  auto script = zsh_completion(shape);
  for (auto& verb : shape.verbs)
    CAF_CHECK(contains(script, '\'' + verb.name + ':'));
  if (!is_there("zsh")) {
    CAF_MESSAGE("not installed: zsh");
    return;
  }
  output_of("zsh -n " + write("_tickerflow", script) + " 2>&1");
  CAF_CHECK_EQUAL(status, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
