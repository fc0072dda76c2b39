#include "nodes/commands/actor_tail.hpp"

#include "io/console_client/target.hpp"
#include "nodes/commands/actors.hpp"
#include "nodes/commands/display_width.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/commands/logs.hpp"
#include "nodes/commands/news.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

namespace tickerflow {

namespace {

ordered_json oldest_first(const ordered_json& items) {
  auto result = items;
  std::reverse(result.begin(), result.end());
  return result;
}

styled_line message_line(const ordered_json& x) {
  return {{exact_time_text(text_at(x, "at"), zone::utc), tone::dim},
          {"  " + printable(text_at(x, "type")), tone::note},
          {" from " + printable(text_at(x, "from")) + " took "
           + micros_text(number_at(x, "took_us"))}};
}

struct happening {
  ordered_json what;
  bool is_message = false;
};

void print(const look_options& options, const happening& x) {
  if (options.as_json) {
    ordered_json line{{x.is_message ? "message" : "log", x.what}};
    std::cout << line.dump(-1, ' ', false,
                           ordered_json::error_handler_t::replace)
              << '\n';
    return;
  }
  auto line = x.is_message ? message_line(x.what) : log_line_of(x.what);
  std::cout << to_string(line, paper_of(options).colours) << '\n';
}

} // namespace

int tail_command::run() const {
  auto target = actor_target(actor);
  if (target.empty())
    return exit_usage;
  auto opened = api_session::open(flags);
  if (auto fault = std::get_if<api_failure>(&opened))
    return tell(*fault);
  auto& session = std::get<api_session>(opened);
  auto slash = actor.rfind('/');
  auto logs =
      with_query(api_path({"logs"}), {{"node", actor.substr(0, slash)},
                                      {"actor", actor.substr(slash + 1)},
                                      {"limit", "1000"}});
  auto clock = std::chrono::steady_clock::now;
  auto end = clock() + std::chrono::duration<double>{for_s};
  news new_messages;
  news new_lines;
  for (auto first = true;; first = false) {
    auto detail = session.get(target);
    auto lines = session.get(logs);
    for (auto answer : {&detail, &lines})
      if (auto fault = std::get_if<api_failure>(answer)) {
        if (first || fault->exit_code != exit_no_answer)
          return tell(*fault);
        tell(*fault);
      }
    std::vector<happening> found;
    if (auto x = std::get_if<ordered_json>(&detail)) {
      for (auto& m : new_messages.take(oldest_first(part_at(*x, "messages"))))
        found.push_back({m, true});
      if (new_messages.may_have_missed() && !as_json)
        std::cout << "(it handles more than are kept: some are not shown)\n";
    }
    if (auto x = std::get_if<ordered_json>(&lines))
      for (auto& l : new_lines.take(part_at(*x, "items")))
        found.push_back({l, false});
    // RFC 3339 in UTC sorts as text does.
    std::stable_sort(found.begin(), found.end(), [](auto& a, auto& b) {
      return text_at(a.what, "at") < text_at(b.what, "at");
    });
    for (auto& x : found)
      print(*this, x);
    std::cout << std::flush;
    if (for_s > 0 && clock() >= end)
      return exit_ok;
    std::this_thread::sleep_for(std::chrono::seconds{1});
  }
}

} // namespace tickerflow
