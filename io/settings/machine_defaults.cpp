#include "io/settings/machine_defaults.hpp"

#include <unistd.h>

namespace tickerflow {

namespace {

std::string variable(const environment& variables, const char* name) {
  auto i = variables.find(name);
  return i == variables.end() ? std::string{} : i->second;
}

} // namespace

std::string default_node(const environment&) {
  char host[256] = "node";
  ::gethostname(host, sizeof(host) - 1);
  return std::string{host} + '-' + std::to_string(::getpid());
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
