#include "io/console_client/target.hpp"

#include "io/settings/dsn.hpp"

namespace tickerflow {

std::string api_path(const std::vector<std::string>& parts) {
  std::string result = "/api/v1";
  for (auto& part : parts) {
    result += '/' + url_encoded(part);
  }
  return result;
}

std::string
with_query(std::string target,
           const std::vector<std::pair<std::string, std::string>>& query) {
  for (auto& [name, value] : query) {
    if (value.empty())
      continue;
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += url_encoded(name) + '=' + url_encoded(value);
  }
  return target;
}

} // namespace tickerflow
