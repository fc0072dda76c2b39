#include "nodes/console/log_json.hpp"

#include "nodes/console/times.hpp"

#include <algorithm>

namespace tickerflow::console {

namespace {

int rank_of(const std::string& level) {
  if (level == "error")
    return 3;
  if (level == "warning")
    return 2;
  return level == "info" ? 1 : 0;
}

const char* word_of(int rank) {
  constexpr const char* words[] = {"debug", "info", "warning", "error"};
  return words[rank];
}

struct line {
  const std::string* node;
  const log_row* row;
};

} // namespace

json logs_json(hub& cluster, const query& parameters) {
  auto node = parameters.text("node", 200);
  auto actor = parameters.number("actor", 0, INT64_MAX);
  auto level =
      rank_of(parameters.word("level", {"debug", "info", "warning", "error"}));
  auto part = parameters.text("q", 200);
  auto limit = parameters.limit();
  auto pages = cluster.logs(node);
  std::vector<line> lines;
  for (auto& [name, page] : pages) {
    if (!page)
      continue; // a node that is silent: the list of nodes says so
    for (auto& row : page->lines)
      if (rank_of(row.level) >= level
          && (!actor || row.actor == static_cast<std::uint64_t>(*actor))
          && row.text.find(part) != std::string::npos)
        lines.push_back({&name, &row});
  }
  std::stable_sort(lines.begin(), lines.end(), [](auto& a, auto& b) {
    return a.row->at_ms < b.row->at_ms;
  });
  if (lines.size() > limit)
    lines.erase(lines.begin(),
                lines.end() - static_cast<std::ptrdiff_t>(limit));
  auto items = json::array();
  for (auto& x : lines)
    items.push_back(
        {{"at", instant_text(x.row->at_ms)},
         {"node", *x.node},
         {"actor", x.row->actor > 0 ? json(x.row->actor) : json(nullptr)},
         {"level", word_of(rank_of(x.row->level))},
         {"text", x.row->text}});
  return {{"items", std::move(items)}};
}

} // namespace tickerflow::console
