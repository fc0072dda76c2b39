#pragma once

#include "messages/errc.hpp"

#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tickerflow {

struct child_options {
  std::string name;
  std::vector<std::string> command;
  std::map<std::string, std::string> environment; // added to ours
  std::string log_file;  // takes what the child prints; appended to
  std::string directory; // works there; empty: here
  std::string user;      // runs as this user if we are root; empty: as we are
  bool survive = false;  // lives on when we end; else it is killed then
};

/// A process that we started, in a process group of its own.
class child_process {
public:
  /// Errors  bad_setting: the program does not exist, the user does not
  static caf::expected<std::unique_ptr<child_process>>
  start(child_options options);

  /// Stops it, unless it is to survive.
  ~child_process();

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& log_file() const { return options_.log_file; }

  bool running();

  /// @returns "exit status 2", "killed by signal 9", "running"
  std::string exit_text();

  void signal(int number);

  /// Signals the whole group, and kills what is left of it after a time.
  void stop(std::chrono::milliseconds grace, int first_signal = SIGTERM);

  /// Waits for its end.
  /// @returns its exit status; 128 + signal if a signal ended it
  int wait();

private:
  child_process() = default;

  child_options options_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

/// @returns the last lines of a file, empty if there is none
std::string tail_of(const std::string& file, size_t lines);

} // namespace tickerflow
