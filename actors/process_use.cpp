#include "actors/process_use.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace tickerflow {

namespace {

std::chrono::microseconds time_of(const timeval& x) {
  return std::chrono::seconds{x.tv_sec} + std::chrono::microseconds{x.tv_usec};
}

} // namespace

process_use process_use::now() {
  process_use result;
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  result.cpu = time_of(use.ru_utime) + time_of(use.ru_stime);
  std::ifstream pages{"/proc/self/statm"};
  std::int64_t size = 0;
  std::int64_t resident = 0;
  if (pages >> size >> resident) {
    std::int64_t page = ::sysconf(_SC_PAGESIZE);
    result.virtual_bytes = size * page;
    result.resident_bytes = resident * page;
  }
  return result;
}

} // namespace tickerflow
