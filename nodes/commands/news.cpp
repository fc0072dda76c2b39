#include "nodes/commands/news.hpp"

namespace tickerflow {

std::vector<ordered_json> news::take(const ordered_json& items) {
  std::vector<ordered_json> result;
  std::map<std::string, int> now;
  auto old = before_;
  std::size_t known = 0;
  for (auto& x : items) {
    auto text = x.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    ++now[text];
    // Two that are alike are two.
    if (auto i = old.find(text); i != old.end() && i->second > 0) {
      --i->second;
      ++known;
    } else {
      result.push_back(x);
    }
  }
  may_have_missed_ = !before_.empty() && known == 0 && !result.empty();
  before_ = std::move(now);
  return result;
}

} // namespace tickerflow
