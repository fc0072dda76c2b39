#include "nodes/support/bundle.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>
#include <librdkafka/rdkafka.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <pqxx/version>
#include <spdlog/fmt/fmt.h>
#include <zlib.h>

#include <ctime>
#include <fstream>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <thread>

namespace tickerflow {

namespace {

std::string distribution() {
  std::ifstream file{"/etc/os-release"};
  for (std::string line; std::getline(file, line);)
    if (line.rfind("PRETTY_NAME=", 0) == 0)
      return line.substr(12);
  return "not known";
}

} // namespace

void collect_versions(bundle& to) {
  utsname system{};
  ::uname(&system);
  struct sysinfo machine {};
  ::sysinfo(&machine);
  auto mega = [&](unsigned long x) {
    return static_cast<double>(x) * machine.mem_unit / 1e6;
  };
  auto now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char time[32];
  std::strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%SZ", &utc);
  std::string text;
  auto line = [&](const std::string& name, const std::string& value) {
    text += fmt::format("{:<14} {}\n", name, value);
  };
  line("time", time);
  line("tickerflow", TICKERFLOW_VERSION);
  line("compiler", __VERSION__);
  line("CAF", std::to_string(CAF_VERSION));
  line("librdkafka", ::rd_kafka_version_str());
  line("libpqxx", PQXX_VERSION);
  line("Boost", BOOST_LIB_VERSION);
  line("OpenSSL", ::OpenSSL_version(OPENSSL_VERSION));
  line("nlohmann-json",
       fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                   NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH));
  line("zlib", ::zlibVersion());
  line("libarchive", archive_library());
  line("system", distribution());
  line("kernel",
       fmt::format("{} {} {}", system.sysname, system.release, system.machine));
  line("host", system.nodename);
  line("cores", std::to_string(std::thread::hardware_concurrency()));
  line("memory", fmt::format("{:.0f} MB, {:.0f} MB free",
                             mega(machine.totalram), mega(machine.freeram)));
  line("load", fmt::format("{:.2f}", machine.loads[0] / 65536.0));
  line("up", fmt::format("{} s", machine.uptime));
  to.add("versions.txt", "program, libraries, system", text);
}

} // namespace tickerflow
