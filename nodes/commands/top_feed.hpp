#pragma once

#include "nodes/commands/api_session.hpp"
#include "nodes/commands/top_model.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace tickerflow {

/// Asks once: the overview, the list and the actor of a question.
/// @returns the answer, or why there is none
std::variant<top_answer, api_failure> ask_for_top(api_session& session,
                                                  const top_question& x);

/// Asks the API again and again in a thread of its own, so that keys are
/// answered at once however slow the console is.
class top_feed {
public:
  top_feed(api_session session, top_question first,
           std::chrono::duration<double> every);
  ~top_feed();

  top_feed(const top_feed&) = delete;
  top_feed& operator=(const top_feed&) = delete;

  /// Asks this from now on; at once if it is another question.
  void ask(const top_question& x);

  /// @returns what has come since the last call
  std::optional<top_answer> take();

private:
  void run();

  api_session session_;
  std::chrono::duration<double> every_;
  std::mutex guard_; // for all below
  std::condition_variable changed_;
  top_question question_;
  std::optional<top_answer> answer_;
  bool asked_anew_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace tickerflow
