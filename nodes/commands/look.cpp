#include "nodes/commands/look.hpp"

#include "io/log/redact.hpp"
#include "io/settings/flags.hpp"
#include "nodes/commands/display_width.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

namespace tickerflow {

namespace {

/// Draws over what was drawn before, so that nothing flickers.
void draw_again(const styled_text& lines, const paper& x) {
  std::string out = "\x1b[H";
  auto room = x.height > 1 ? x.height - 1 : lines.size();
  auto cut = lines.size() > room;
  auto shown = cut ? room - 1 : lines.size();
  for (std::size_t i = 0; i < shown; ++i)
    out += to_string(clipped(lines[i], x.width), x.colours) + "\x1b[K\n";
  if (cut)
    out += "(" + std::to_string(lines.size() - shown)
           + " more lines: enlarge the terminal, or give --limit)\x1b[K\n";
  std::cout << out << "\x1b[J" << std::flush;
}

void print(const look_options& options, const ordered_json& answer,
           const drawing& draw) {
  // It may come from a newer master: what is no UTF-8 there is no reason to
  // fail here.
  constexpr auto lenient = ordered_json::error_handler_t::replace;
  if (options.as_json) {
    // One document a line is what programs can read without an end.
    std::cout << answer.dump(options.watch_s ? -1 : 2, ' ', false, lenient)
              << std::endl;
    return;
  }
  auto x = paper_of(options);
  auto lines = draw(answer, x);
  if (options.watch_s && x.height > 0)
    draw_again(lines, x);
  else
    std::cout << to_string(lines, x.colours) << (options.watch_s ? "\n" : "")
              << std::flush;
}

} // namespace

void add_look_flags(CLI::App& verb, look_options& to, look_flags which) {
  verb.add_flag("--json", to.as_json, "as JSON, for programs");
  if (which.watch)
    verb.add_option_function<std::vector<std::string>>(
            "--watch",
            [&to](const std::vector<std::string>& words) {
              to.watch_s = 2;
              if (words.empty() || words[0].empty())
                return;
              auto end = words[0].c_str();
              to.watch_s =
                  std::strtod(words[0].c_str(), const_cast<char**>(&end));
              if (*end != '\0' || !(*to.watch_s >= 0.1 && *to.watch_s <= 86400))
                throw CLI::ValidationError(
                    "--watch", '"' + words[0]
                                   + "\" is no number of seconds from 0.1 to "
                                     "86400; other words go before it");
            },
            "show it again every so many seconds (default 2)")
        ->expected(0, 1)
        ->type_name("[SECONDS]");
  if (which.limit)
    verb.add_option("--limit", to.limit, "at most so many")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
  if (which.utc)
    verb.add_flag("--utc", to.utc, "times in UTC instead of New York");
  verb.add_flag("--no-color", to.no_color,
                "no colours (also: NO_COLOR in the environment)");
  add_setting_flags(verb, to.flags, verb_kind::console);
}

paper paper_of(const look_options& options) {
  paper result;
  result.utc = options.utc;
  if (::isatty(STDOUT_FILENO) == 0)
    return result;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    result.width = size.ws_col;
    result.height = size.ws_row;
  }
  auto forbidden = std::getenv("NO_COLOR");
  auto terminal = std::getenv("TERM");
  result.colours =
      !options.no_color && (forbidden == nullptr || *forbidden == '\0')
      && terminal != nullptr && std::string_view{terminal} != "dumb";
  return result;
}

int tell(const api_failure& x) {
  std::cerr << redact(printable(x.text, true)) << '\n';
  return x.exit_code;
}

int look(const look_options& options, const api_question& ask,
         const drawing& draw) {
  auto opened = api_session::open(options.flags);
  if (auto fault = std::get_if<api_failure>(&opened))
    return tell(*fault);
  auto& session = std::get<api_session>(opened);
  auto first = true;
  for (;;) {
    auto answer = ask(session);
    auto fault = std::get_if<api_failure>(&answer);
    // One that watches goes on when the console does: a master may change.
    if (fault != nullptr && (first || fault->exit_code != exit_no_answer))
      return tell(*fault);
    if (first && options.watch_s && paper_of(options).height > 0
        && !options.as_json)
      std::cout << "\x1b[2J";
    if (fault != nullptr)
      tell(*fault);
    else
      print(options, std::get<ordered_json>(answer), draw);
    if (!options.watch_s)
      return exit_ok;
    first = false;
    std::this_thread::sleep_for(
        std::chrono::duration<double>{*options.watch_s});
  }
}

std::string text_of_done(const ordered_json& answer) {
  return text_at(answer, "text");
}

int act(const look_options& options, const std::vector<std::string>& targets,
        std::string (*describe)(const ordered_json&)) {
  auto opened = api_session::open(options.flags);
  if (auto fault = std::get_if<api_failure>(&opened))
    return tell(*fault);
  auto& session = std::get<api_session>(opened);
  auto result = exit_ok;
  auto answers = ordered_json::array();
  for (auto& target : targets) {
    auto answer = session.post(target);
    if (auto fault = std::get_if<api_failure>(&answer)) {
      // What can be done is done; the first failure is the exit code.
      auto code = tell(*fault);
      result = result == exit_ok ? code : result;
      continue;
    }
    auto& x = std::get<ordered_json>(answer);
    if (options.as_json)
      answers.push_back(x);
    else
      std::cout << printable(describe(x)) << '\n';
  }
  if (options.as_json)
    std::cout << (answers.size() == 1 && targets.size() == 1 ? answers[0]
                                                             : answers)
                     .dump(2)
              << '\n';
  return result;
}

} // namespace tickerflow
