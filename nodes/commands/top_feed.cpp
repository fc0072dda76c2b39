#include "nodes/commands/top_feed.hpp"

#include "io/console_client/target.hpp"

namespace tickerflow {

namespace {

constexpr int longest_list = 1000; // of actors: who wants more filters

std::string list_target(const top_question& x) {
  auto path = api_path({to_string(x.view)});
  if (x.view != top_view::actors)
    return path;
  return with_query(path, {{"sort", x.sort},
                           {"order", x.descending ? "desc" : "asc"},
                           {"q", x.filter}});
}

} // namespace

std::variant<top_answer, api_failure> ask_for_top(api_session& session,
                                                  const top_question& x) {
  top_answer result;
  result.to = x;
  auto overview = session.get(api_path({"overview"}));
  if (auto fault = std::get_if<api_failure>(&overview))
    return *fault;
  result.overview = std::get<ordered_json>(std::move(overview));
  auto target = list_target(x);
  // Only these two lists have pages.
  auto list = x.view == top_view::actors || x.view == top_view::tickers
                  ? session.get_all(target, longest_list)
                  : session.get(target);
  if (auto fault = std::get_if<api_failure>(&list))
    return *fault;
  result.list = std::get<ordered_json>(std::move(list));
  if (x.actor.empty())
    return result;
  auto actor = session.get(x.actor);
  // It may have ended while it was looked at: the rest is as good as before.
  if (auto fault = std::get_if<api_failure>(&actor))
    result.trouble = fault->text;
  else
    result.actor = std::get<ordered_json>(std::move(actor));
  return result;
}

top_feed::top_feed(api_session session, top_question first,
                   std::chrono::duration<double> every)
    : session_(std::move(session)), every_(every), question_(std::move(first)) {
  thread_ = std::thread{[this] { run(); }};
}

top_feed::~top_feed() {
  {
    std::lock_guard lock{guard_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void top_feed::ask(const top_question& x) {
  {
    std::lock_guard lock{guard_};
    if (question_ == x)
      return;
    question_ = x;
    asked_anew_ = true;
  }
  changed_.notify_all();
}

std::optional<top_answer> top_feed::take() {
  std::lock_guard lock{guard_};
  auto result = std::move(answer_);
  answer_.reset();
  return result;
}

void top_feed::run() {
  std::unique_lock lock{guard_};
  while (!stopping_) {
    auto question = question_;
    asked_anew_ = false;
    lock.unlock();
    auto found = ask_for_top(session_, question);
    lock.lock();
    if (auto x = std::get_if<top_answer>(&found)) {
      answer_ = std::move(*x);
    } else {
      top_answer trouble;
      trouble.trouble = std::get<api_failure>(found).text;
      answer_ = std::move(trouble);
    }
    changed_.wait_for(lock, every_,
                      [this] { return stopping_ || asked_anew_; });
  }
}

} // namespace tickerflow
