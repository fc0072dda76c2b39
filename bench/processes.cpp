#include "bench/processes.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tickerflow {

namespace {

double stat_seconds(const std::string& pid) {
  std::ifstream file{"/proc/" + pid + "/stat"};
  std::string line;
  std::getline(file, line);
  auto behind_name = line.rfind(')');
  if (behind_name == std::string::npos)
    return 0;
  std::istringstream fields{line.substr(behind_name + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  double ticks = 0;
  for (int i = 0; i < 4; ++i) { // utime stime cutime cstime
    double x = 0;
    fields >> x;
    ticks += x;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

} // namespace

double own_cpu_seconds() {
  rusage x{};
  getrusage(RUSAGE_SELF, &x);
  auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(x.ru_utime) + seconds(x.ru_stime);
}

bench_process::bench_process(
    std::string name, const std::vector<std::string>& command,
    const std::map<std::string, std::string>& environment,
    const std::string& log_file)
    : name_(std::move(name)) {
  pid_ = fork();
  if (pid_ < 0)
    throw std::runtime_error("cannot start " + command[0]);
  if (pid_ > 0)
    return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (auto& [key, value] : environment)
    setenv(key.c_str(), value.c_str(), 1);
  auto log = open(log_file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
  dup2(log, 1);
  dup2(log, 2);
  std::vector<char*> arguments;
  for (auto& x : command)
    arguments.push_back(const_cast<char*>(x.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

void bench_process::stop() {
  if (pid_ < 0)
    return;
  kill(pid_, SIGTERM);
  for (int i = 0; i < 200; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return;
    }
    usleep(50'000);
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bench_process::~bench_process() { stop(); }

double bench_process::cpu_seconds() const {
  return stat_seconds(std::to_string(pid_));
}

double bench_process::peak_megabytes() const {
  std::ifstream file{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string line; std::getline(file, line);)
    if (line.rfind("VmHWM:", 0) == 0)
      return std::atof(line.c_str() + 6) / 1024;
  return 0;
}

double cpu_seconds_of(const std::string& text) {
  double result = 0;
  for (auto& entry : std::filesystem::directory_iterator("/proc")) {
    auto pid = entry.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos)
      continue;
    std::ifstream file{entry.path() / "cmdline"};
    std::string command{std::istreambuf_iterator<char>{file}, {}};
    if (command.find(text) != std::string::npos)
      result += stat_seconds(pid);
  }
  return result;
}

} // namespace tickerflow
