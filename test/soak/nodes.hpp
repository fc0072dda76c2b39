#pragma once

#include "io/local_servers/child_process.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tickerflow::soak {

struct nodes_options {
  std::string program; // the tickerflow binary
  std::string folder;  // logs go there
  std::string kafka;
  std::string postgres; // DSN
  std::string topic;    // raw; the others are named after it
  std::vector<std::string> tickers;
  int shards = 8;
  int masters = 2;
};

/// Where a node of ours stands.
enum class node_state { down, running, halted };

/// Masters and workers as child processes of the built program, named
/// "master-1", "worker-1", ...
class nodes {
public:
  explicit nodes(nodes_options x);

  /// @throws std::runtime_error if the program cannot be started
  void start(const std::string& name);

  /// Nodes that are started from now on, and other verbs, are of this program.
  void change_program(const std::string& program);

  /// SIGKILL.
  void kill(const std::string& name);

  /// SIGSTOP, SIGCONT.
  void halt(const std::string& name);
  void resume(const std::string& name);

  /// SIGTERM; `ended` tells when it is over.
  void terminate(const std::string& name);

  /// @returns whether a terminated node is gone; see `exit_status`
  bool ended(const std::string& name);

  /// Terminates it and waits, at most so long; then it is killed.
  /// @returns its exit status; 128 + signal if a signal ended it
  int stop(const std::string& name, std::chrono::milliseconds limit);

  node_state state(const std::string& name) const;
  std::string log_of(const std::string& name) const;

  /// Names of nodes that ended without being told to, with how: each once.
  std::vector<std::string> take_unexpected_ends();

  /// @returns resident memory, 0 if it is not running
  double megabytes(const std::string& name) const;

  /// Runs another verb of the program with the nodes' settings.
  /// @returns exit status and output; status 124: it did not end in time
  std::pair<int, std::string> run(const std::vector<std::string>& arguments,
                                  std::chrono::milliseconds limit) const;

  /// @returns names of nodes that were ever started
  std::vector<std::string> names() const;

  const nodes_options& options() const { return options_; }
  std::string processed_topic() const { return options_.topic + "_processed"; }
  std::string dead_topic() const { return options_.topic + "_dead"; }

private:
  struct node {
    std::unique_ptr<child_process> process;
    node_state state = node_state::down;
    bool told_to_end = false;
  };

  std::map<std::string, std::string>
  environment_of(const std::string& name) const;

  std::string program() const;

  nodes_options options_;
  mutable std::mutex program_lock_; // the watch over the status reads it
  std::vector<std::string> addresses_; // of the masters
  std::map<std::string, node> nodes_;
  mutable std::atomic<int> runs_{0};
};

/// Removes the user's own settings from the environment: they must not change
/// what is tested.
void clear_settings();

/// Whether the program takes a list of masters, that is, has standby masters.
/// @param folder a place for output
bool takes_several_masters(const std::string& program,
                           const std::string& folder);

/// "worker-1", ...
std::string worker_name(int i);
std::string master_name(int i);
bool is_worker(const std::string& name);

} // namespace tickerflow::soak
