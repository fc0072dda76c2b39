#include "nodes/console/actor_json.hpp"

#include "nodes/console/actor_rows.hpp"
#include "nodes/console/cluster_json.hpp"
#include "nodes/console/times.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <tuple>

namespace tickerflow::console {

namespace {

std::string lower(std::string x) {
  for (auto& c : x)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c | 0x20);
  return x;
}

std::vector<std::string> words_in(const std::string& text) {
  std::istringstream in{lower(text)};
  std::vector<std::string> result;
  for (std::string word; in >> word;)
    result.push_back(word);
  return result;
}

/// What a row is sorted by: a text or a number, then where it is.
using sort_key = std::tuple<double, std::string, std::string, std::uint64_t>;

sort_key key_of(const actor_row& x, const std::string& by) {
  double n = 0;
  std::string text;
  if (by == "name")
    text = x.name;
  else if (by == "kind")
    text = *x.kind;
  else if (by == "state")
    text = x.state;
  else if (by == "mailbox")
    n = static_cast<double>(x.mailbox);
  else if (by == "mailbox_highest")
    n = static_cast<double>(x.mailbox_highest);
  else if (by == "in_per_s")
    n = x.in_per_s.value_or(-1);
  else if (by == "out_per_s")
    n = x.out_per_s.value_or(-1);
  else if (by == "handled")
    n = static_cast<double>(x.handled);
  else if (by == "p50_us")
    n = x.p50_us.value_or(-1);
  else if (by == "p99_us")
    n = x.p99_us.value_or(-1);
  else if (by == "restarts")
    n = static_cast<double>(x.restarts);
  else if (by == "uptime_s")
    n = static_cast<double>(x.uptime_s);
  return {n, std::move(text), *x.node, x.serial};
}

std::string exact(double x) {
  std::ostringstream out;
  out.precision(17);
  out << x;
  return out.str();
}

std::vector<std::string> parts_of(const sort_key& x) {
  return {exact(std::get<0>(x)), std::get<1>(x), std::get<2>(x),
          std::to_string(std::get<3>(x))};
}

/// @throws problem if it is none
sort_key key_in(const std::vector<std::string>& x) {
  char* end = nullptr;
  auto n = std::strtod(x[0].c_str(), &end);
  auto serial = whole_number_in(x[3]);
  if (end == x[0].c_str() || !serial)
    throw not_found("there is no such place in the list: leave cursor out");
  return {n, x[1], x[2], static_cast<std::uint64_t>(*serial)};
}

bool matches(const actor_row& x, const std::vector<std::string>& words) {
  if (words.empty())
    return true;
  auto text = lower(x.name + '\n' + *x.node + '\n' + x.state);
  return std::all_of(words.begin(), words.end(),
                     [&](auto& word) { return text.find(word) != text.npos; });
}

json processes_json(const picture& x) {
  auto result = json::array();
  for (auto& [name, p] : x.processes)
    result.push_back({{"node", name},
                      {"actors", p.now ? p.now->actors.size() : 0},
                      {"age_ms", p.now ? p.age_ms : 0},
                      {"silent_for_s", or_null(p.silent_for_s)}});
  return result;
}

/// Names of the actors of a process, by serial.
std::map<std::uint64_t, std::string> names_in(const node_snapshot& x) {
  std::map<std::uint64_t, std::string> result;
  for (auto& a : x.actors)
    result[a.serial] = name_of(a.kind, a.labels);
  return result;
}

/// Who an actor of some process is, of "SYSTEM/ID" as another process has it.
struct remote_name {
  std::string node;
  std::uint64_t serial = 0;
  std::string name;
  std::string kind;
};

std::optional<remote_name> find_remote(const picture& x,
                                       const std::string& text) {
  auto slash = text.rfind('/');
  if (slash == text.npos)
    return std::nullopt;
  auto system = text.substr(0, slash);
  auto id = whole_number_in(text.substr(slash + 1));
  if (!id)
    return std::nullopt;
  for (auto& [node, p] : x.processes) {
    if (!p.now)
      continue;
    for (std::size_t i = 0; i < p.now->systems.size(); ++i) {
      if (p.now->systems[i] != system)
        continue;
      for (auto& a : p.now->actors)
        if (a.system == i && a.id == static_cast<std::uint64_t>(*id))
          return remote_name{node, a.serial, name_of(a.kind, a.labels), a.kind};
      return remote_name{node, 0, "(ended)", "(ended)"};
    }
  }
  return std::nullopt;
}

} // namespace

json actors_json(const picture& x, const query& parameters) {
  auto words = words_in(parameters.text("q", 200));
  auto kind = parameters.text("kind", 100);
  auto node = parameters.text("node", 200);
  auto state = parameters.text("state", 20);
  if (parameters.has("state"))
    state = parameters.word("state", {"idle", "busy", "stuck", "dead"});
  auto by = parameters.word("sort", {"name", "node", "kind", "state", "mailbox",
                                     "mailbox_highest", "in_per_s", "out_per_s",
                                     "handled", "p50_us", "p99_us", "restarts",
                                     "uptime_s"});
  auto descends = parameters.word("order", {"asc", "desc"}) == "desc";
  auto limit = parameters.limit();
  auto after = parameters.cursor(4);
  std::vector<std::pair<sort_key, actor_row>> found;
  for (auto& row : actor_rows(x))
    if ((kind.empty() || *row.kind == kind)
        && (node.empty() || *row.node == node)
        && (state.empty() || row.state == state) && matches(row, words))
      found.emplace_back(key_of(row, by), std::move(row));
  auto before = [descends](const sort_key& a, const sort_key& b) {
    return descends ? b < a : a < b;
  };
  std::sort(found.begin(), found.end(),
            [&](auto& a, auto& b) { return before(a.first, b.first); });
  auto begin = found.begin();
  if (after)
    begin = std::upper_bound(
        begin, found.end(), key_in(*after),
        [&](const sort_key& a, auto& b) { return before(a, b.first); });
  auto items = json::array();
  json next = nullptr;
  for (auto i = begin; i != found.end(); ++i) {
    if (items.size() >= limit) {
      next = cursor_of(parts_of(std::prev(i)->first));
      break;
    }
    items.push_back(to_json(i->second));
  }
  return {{"items", std::move(items)},
          {"total", found.size()},
          {"next", std::move(next)},
          {"nodes", processes_json(x)}};
}

std::optional<json> actor_json(const picture& x, const std::string& node,
                               std::uint64_t serial) {
  for (auto& row : actor_rows(x))
    if (row.serial == serial && *row.node == node)
      return to_json(row);
  return std::nullopt;
}

json detail_json(const picture& x, const std::string& node,
                 const actor_detail& y, json row) {
  auto process = x.processes.find(node);
  std::map<std::uint64_t, std::string> names;
  json silent = nullptr;
  if (process != x.processes.end()) {
    silent = or_null(process->second.silent_for_s);
    if (process->second.now)
      names = names_in(*process->second.now);
  }
  auto peer = [&](std::uint64_t serial, const std::string& name) {
    json result{{"node", node}, {"serial", nullptr}, {"name", name}};
    if (serial > 0) {
      result["serial"] = serial;
      auto known = names.find(serial);
      result["name"] =
          known != names.end() ? known->second : "#" + std::to_string(serial);
    } else if (auto other = find_remote(x, name)) {
      result["node"] = other->node;
      result["name"] = other->name;
      if (other->serial > 0)
        result["serial"] = other->serial;
    } else {
      result.erase("node");
    }
    return result;
  };
  auto state = y.state_json.empty() ? json(nullptr)
                                    : json::parse(y.state_json, nullptr, false);
  if (state.is_discarded() || !state.is_object())
    state = nullptr;
  json handling = nullptr;
  if (y.handling_ms > 0)
    handling = {{"type", y.handling_type}, {"for_ms", y.handling_ms}};
  auto messages = json::array();
  for (auto& m : y.messages)
    messages.push_back(
        {{"at", instant_text(m.at_ms)},
         {"type", m.type},
         {"from", peer(m.from, m.from_name)["name"]},
         {"took_us", rounded(static_cast<double>(m.took_ns) / 1000.0)}});
  auto relations = json::array();
  for (auto& r : y.relations) {
    auto z = peer(r.serial, r.name);
    z["relation"] = r.relation;
    relations.push_back(std::move(z));
  }
  auto senders = json::array();
  for (auto& s : y.senders) {
    auto z = peer(s.serial, s.name);
    z["messages"] = s.messages;
    senders.push_back(std::move(z));
  }
  return {{"actor", std::move(row)},
          {"state", std::move(state)},
          {"state_age_ms",
           y.state_age_ms < 0 ? json(nullptr) : json(y.state_age_ms)},
          {"handling", std::move(handling)},
          {"messages", std::move(messages)},
          {"relations", std::move(relations)},
          {"senders", std::move(senders)},
          {"can_restart", y.can_restart},
          {"silent_for_s", std::move(silent)}};
}

json flow_json(const picture& x) {
  struct group {
    std::string node;
    std::string kind;
    int actors = 0;
    std::optional<double> in_per_s;
  };
  std::map<std::string, group> groups;
  for (auto& row : actor_rows(x)) {
    if (row.state == std::string{"dead"})
      continue;
    auto& g = groups[*row.node + '/' + *row.kind];
    g.node = *row.node;
    g.kind = *row.kind;
    ++g.actors;
    if (row.in_per_s)
      g.in_per_s = g.in_per_s.value_or(0) + *row.in_per_s;
  }
  struct traffic {
    std::uint64_t messages = 0;
    std::optional<double> per_s;
  };
  std::map<std::pair<std::string, std::string>, traffic> edges;
  for (auto& [node, p] : x.processes) {
    if (!p.now)
      continue;
    std::map<std::uint64_t, const std::string*> kinds;
    for (auto& a : p.now->actors)
      kinds[a.serial] = &a.kind;
    std::map<std::tuple<std::uint64_t, std::string, std::uint64_t>,
             std::uint64_t>
        before;
    if (p.before)
      for (auto& e : p.before->edges)
        before[{e.from, e.from_name, e.to}] = e.messages;
    for (auto& e : p.now->edges) {
      auto to = kinds.find(e.to);
      if (to == kinds.end())
        continue;
      std::string from;
      if (e.from > 0) {
        auto known = kinds.find(e.from);
        if (known == kinds.end())
          continue;
        from = node + '/' + *known->second;
      } else if (auto other = find_remote(x, e.from_name)) {
        from = other->node + '/' + other->kind;
      } else {
        from = node + '/'
               + (e.from_name.find('/') == e.from_name.npos
                      ? e.from_name
                      : std::string{"(elsewhere)"});
      }
      auto slash = from.rfind('/');
      auto& g = groups[from];
      g.node = from.substr(0, slash);
      g.kind = from.substr(slash + 1);
      auto& t = edges[{from, node + '/' + *to->second}];
      t.messages += e.messages;
      auto old = before.find({e.from, e.from_name, e.to});
      if (p.before && !p.before->edges.empty()
          && p.now->now_ms > p.before->now_ms) {
        auto more = e.messages - (old == before.end() ? 0 : old->second);
        t.per_s = t.per_s.value_or(0)
                  + static_cast<double>(more) * 1000.0
                        / static_cast<double>(p.now->now_ms - p.before->now_ms);
      }
    }
  }
  auto nodes = json::array();
  for (auto& [id, g] : groups)
    nodes.push_back({{"id", id},
                     {"node", g.node},
                     {"kind", g.kind},
                     {"actors", g.actors},
                     {"in_per_s", rounded(g.in_per_s)}});
  auto lines = json::array();
  for (auto& [ends, t] : edges)
    lines.push_back({{"from", ends.first},
                     {"to", ends.second},
                     {"messages", t.messages},
                     {"per_s", rounded(t.per_s)}});
  return {{"nodes", std::move(nodes)}, {"edges", std::move(lines)}};
}

} // namespace tickerflow::console
