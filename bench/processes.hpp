#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tickerflow {

/// @returns CPU seconds, user and system, of this process
double own_cpu_seconds();

/// A process that the benchmark started; killed when it goes out of scope.
class bench_process {
public:
  /// @param environment added to this process' own
  bench_process(std::string name, const std::vector<std::string>& command,
                const std::map<std::string, std::string>& environment,
                const std::string& log_file);
  ~bench_process();

  bench_process(const bench_process&) = delete;
  bench_process& operator=(const bench_process&) = delete;

  void stop();

  const std::string& name() const { return name_; }
  double cpu_seconds() const;
  double peak_megabytes() const;

private:
  std::string name_;
  pid_t pid_ = -1;
};

/// @returns CPU seconds of all running processes whose command line contains a
///          text, and of their ended children
double cpu_seconds_of(const std::string& text);

} // namespace tickerflow
