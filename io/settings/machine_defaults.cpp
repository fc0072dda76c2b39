#include "io/settings/machine_defaults.hpp"

#include <unistd.h>

namespace tickerflow {

namespace {

std::string variable(const environment& variables, const char* name) {
  auto i = variables.find(name);
  return i == variables.end() ? std::string{} : i->second;
}

} // namespace

std::string host_name() {
  char result[256] = "localhost";
  ::gethostname(result, sizeof result - 1);
  return result;
}

endpoint advertised(endpoint x) {
  if (x.host == "0.0.0.0" || x.host == "::")
    x.host = host_name();
  return x;
}

std::string default_node(const environment&) {
  return host_name() + '-' + std::to_string(::getpid());
}

std::string default_data_dir(const environment& variables) {
  if (::geteuid() == 0)
    return "/var/lib/tickerflow";
  auto base = variable(variables, "XDG_DATA_HOME");
  if (base.empty() || base.front() != '/') // XDG: a relative one is ignored
    base = variable(variables, "HOME") + "/.local/share";
  return base + "/tickerflow";
}

} // namespace tickerflow
