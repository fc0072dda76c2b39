#include "io/local_servers/child_process.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace tickerflow {

namespace {

/// What the child needs, made before fork(): after it only async-signal-safe
/// calls are allowed, for other threads may hold locks.
struct prepared {
  std::vector<char*> arguments;
  std::vector<std::string> variables;
  std::vector<char*> environment;
  const passwd* user = nullptr;
  int log = -1;
  int fault_pipe = -1;
  pid_t parent = -1;
};

std::vector<std::string>
merged_environment(const std::map<std::string, std::string>& added) {
  std::map<std::string, std::string> all;
  for (auto x = environ; *x; ++x) {
    std::string text{*x};
    auto equals = text.find('=');
    if (equals != std::string::npos)
      all[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (auto& [key, value] : added)
    all[key] = value;
  std::vector<std::string> result;
  for (auto& [key, value] : all)
    result.push_back(key + '=' + value);
  return result;
}

[[noreturn]] void report_and_exit(int pipe) {
  auto fault = errno;
  [[maybe_unused]] auto ignored = ::write(pipe, &fault, sizeof fault);
  ::_exit(127);
}

[[noreturn]] void become(const prepared& x, const child_options& options) {
  ::setpgid(0, 0);
  if (!options.survive) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != x.parent)
      ::_exit(127); // the parent died before the line above
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  auto nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(x.log, 1);
  ::dup2(x.log, 2);
  if (x.user
      && (::setgroups(0, nullptr) != 0 || ::setgid(x.user->pw_gid) != 0
          || ::setuid(x.user->pw_uid) != 0))
    report_and_exit(x.fault_pipe);
  if (x.user && !options.survive) // changing the user clears it
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0)
    report_and_exit(x.fault_pipe);
  ::execvpe(x.arguments[0], x.arguments.data(), x.environment.data());
  report_and_exit(x.fault_pipe);
}

} // namespace

caf::expected<std::unique_ptr<child_process>>
child_process::start(child_options options) {
  prepared x;
  for (auto& text : options.command)
    x.arguments.push_back(const_cast<char*>(text.c_str()));
  x.arguments.push_back(nullptr);
  x.variables = merged_environment(options.environment);
  for (auto& text : x.variables)
    x.environment.push_back(const_cast<char*>(text.c_str()));
  x.environment.push_back(nullptr);
  x.parent = ::getpid();
  if (!options.user.empty() && ::geteuid() == 0) {
    x.user = ::getpwnam(options.user.c_str());
    if (!x.user)
      return failure(errc::bad_setting, options.name + " cannot run as user "
                                            + options.user
                                            + ": there is no such user");
  }
  auto log_file = options.log_file.empty() ? "/dev/null" : options.log_file;
  x.log =
      ::open(log_file.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0644);
  if (x.log < 0)
    return failure(errc::bad_setting,
                   "the log file " + log_file
                       + " cannot be written: " + std::strerror(errno));
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) {
    ::close(x.log);
    return failure(errc::unavailable, options.name + " cannot be started: "
                                          + std::strerror(errno));
  }
  x.fault_pipe = pipe[1];
  auto pid = ::fork();
  if (pid == 0)
    become(x, options);
  ::close(x.log);
  ::close(pipe[1]);
  int fault = pid < 0 ? errno : 0;
  // Closed by a successful exec: then there is nothing to read.
  if (pid > 0 && ::read(pipe[0], &fault, sizeof fault) == sizeof fault)
    ::waitpid(pid, nullptr, 0);
  ::close(pipe[0]);
  if (fault != 0)
    return failure(errc::bad_setting,
                   options.command[0]
                       + " cannot be started: " + std::strerror(fault));
  std::unique_ptr<child_process> result{new child_process};
  result->options_ = std::move(options);
  result->pid_ = pid;
  return result;
}

child_process::~child_process() {
  if (!options_.survive)
    stop(std::chrono::seconds{2});
}

bool child_process::running() {
  if (!ended_ && ::waitpid(pid_, &status_, WNOHANG) == pid_)
    ended_ = true;
  return !ended_;
}

std::string child_process::exit_text() {
  if (running())
    return "running";
  if (WIFSIGNALED(status_))
    return "killed by signal " + std::to_string(WTERMSIG(status_));
  return "exit status " + std::to_string(WEXITSTATUS(status_));
}

void child_process::signal(int number) {
  if (running())
    ::kill(pid_, number);
}

int child_process::wait() {
  while (!ended_ && ::waitpid(pid_, &status_, 0) != pid_ && errno == EINTR)
    ;
  ended_ = true;
  return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

void child_process::stop(std::chrono::milliseconds grace, int first_signal) {
  using namespace std::chrono_literals;
  // The process itself first: a server ends its children better than we do.
  signal(first_signal);
  for (auto waited = 0ms; running() && waited < grace; waited += 10ms)
    std::this_thread::sleep_for(10ms);
  // What is left of the group, also when its leader is gone.
  ::kill(-pid_, SIGKILL);
  if (!ended_)
    wait();
}

std::string tail_of(const std::string& file, size_t lines) {
  std::ifstream in{file};
  std::deque<std::string> last;
  for (std::string line; std::getline(in, line);) {
    last.push_back(line);
    if (last.size() > lines)
      last.pop_front();
  }
  std::string result;
  for (auto& line : last)
    result += (result.empty() ? "" : "\n") + line;
  return result;
}

} // namespace tickerflow
