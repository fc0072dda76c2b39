#include "nodes/commands/actors.hpp"
#include "nodes/commands/display_width.hpp"
#include "nodes/commands/top_lists.hpp"
#include "nodes/commands/top_model.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace tickerflow {

namespace {

styled_line health_line(const ordered_json& o) {
  auto level = text_at(o, "level");
  return {{fitted(level, std::max<std::size_t>(level.size(), 8)),
           tone_of_level(level)},
          {"  " + printable(text_at(o, "headline"))}};
}

styled_line title_line(const ordered_json& o) {
  return {{"Tickerflow " + printable(text_at(o, "version")), tone::heading},
          {fmt::format("  {}  term {}  up {}  {} UTC",
                       printable(text_at(o, "master")),
                       count_text(whole_at(o, "term")),
                       span_text(whole_at(o, "uptime_s")),
                       time_text(text_at(o, "at"), zone::utc))}};
}

/// Names a part that is not as it should be in another tone.
void add_part(styled_line& to, const std::string& text, tone look) {
  if (!to.empty())
    to.push_back({"  "});
  to.push_back({text, look});
}

styled_line rates_line(const ordered_json& o) {
  auto& nodes = part_at(o, "nodes");
  auto& shards = part_at(o, "shards");
  auto& actors = part_at(o, "actors");
  auto& tickers = part_at(o, "tickers");
  auto many = [](const ordered_json& x, const char* name) {
    return whole_at(x, name).value_or(0);
  };
  styled_line result;
  add_part(result, "bars " + rate_text(number_at(o, "bars_per_s")) + "/s",
           tone::plain);
  add_part(result, "lag " + count_text(whole_at(o, "lag")), tone::plain);
  auto away = many(nodes, "suspect") + many(nodes, "dead");
  add_part(result,
           fmt::format("nodes {}{}", many(nodes, "alive"),
                       away > 0 ? fmt::format(" +{} away", away) : ""),
           away > 0 ? tone::bad : tone::plain);
  auto all = many(shards, "total");
  auto running = many(shards, "running");
  add_part(result, fmt::format("shards {}/{}", running, all),
           running < all ? tone::warning : tone::plain);
  auto stuck = many(actors, "stuck");
  add_part(result,
           fmt::format("actors {}{}", many(actors, "alive"),
                       stuck > 0 ? fmt::format(" ({} stuck)", stuck) : ""),
           stuck > 0 ? tone::bad : tone::plain);
  auto late = many(tickers, "late");
  add_part(result,
           fmt::format("tickers {}/{} fresh", many(tickers, "fresh"),
                       many(tickers, "total")),
           late > 0 ? tone::warning : tone::plain);
  return result;
}

styled_line budget_line(const ordered_json& o) {
  auto& b = part_at(o, "budget");
  auto limit = whole_at(b, "calls_per_day").value_or(0);
  auto used = count_text(whole_at(b, "used_today"));
  auto spent = whole_at(b, "left_today") == 0;
  return {{fmt::format("API calls {}{} today", used,
                       limit > 0 ? fmt::format(" of {}", limit) : ""),
           spent ? tone::bad : tone::plain},
          {"  " + printable(text_at(b, "text")), tone::dim}};
}

const styled_text& help_page() {
  static const styled_text result{
      {{"Keys", tone::heading}},
      {{"  1 2 3 4 5      actors, tickers, shards, nodes, alerts; Tab: next"}},
      {{"  arrows, j k    up and down; PgUp PgDn Home End, g G"}},
      {{"  Enter          look at the actor under the cursor"}},
      {{"  s S  (> <)     sort by the next or last column"}},
      {{"  r              the other way round"}},
      {{"  /              show only what has these words; Esc: everything"}},
      {{"  ?              this page"}},
      {{"  q              back, or the end; so does Ctrl-C"}},
      {},
      {{"What the columns are", tone::heading}},
      {{"  MAILBOX        messages that wait; HIGHEST: the most so far"}},
      {{"  P50, P99       how long handling a message takes"}},
      {{"  stuck          one message for over 5 s, or its node is silent"}},
      {{"  LAG            records of a shard that are not stored yet"}},
  };
  return result;
}

/// Makes a row the one under the cursor, up to the edge.
styled_line chosen_line(const styled_line& x, std::size_t width) {
  std::string text;
  for (auto& part : x)
    text += part.text;
  return {{fitted(text, width), tone::chosen}};
}

} // namespace

styled_text top_model::header(std::size_t width) const {
  auto& o = answer_.overview;
  if (!o.is_object())
    return {
        {{"Tickerflow", tone::heading}},
        {{answer_.trouble.empty() ? "asking the console ..." : "", tone::dim}}};
  styled_text result{title_line(o), health_line(o), rates_line(o),
                     budget_line(o)};
  for (auto& line : result)
    line = clipped(line, width);
  return result;
}

styled_line top_model::tabs() const {
  styled_line result;
  for (std::size_t i = 0; i < top_views; ++i) {
    auto view = static_cast<top_view>(i);
    if (i > 0)
      result.push_back({" "});
    result.push_back({fmt::format(" {} {} ", i + 1, to_string(view)),
                      view == view_ ? tone::chosen : tone::dim});
  }
  auto& order = orders_[static_cast<std::size_t>(view_)];
  result.push_back(
      {fmt::format("  by {}{}", sort_keys(view_)[order.key].heading,
                   is_descending() ? " (desc)" : "")});
  return result;
}

styled_line top_model::bottom(std::size_t shown, std::size_t of) const {
  if (mode_ == mode::filter)
    return {{"/" + printable(filter()), tone::heading},
            {"_  Enter: keep, Esc: as before", tone::dim}};
  if (!answer_.trouble.empty())
    return {{printable(answer_.trouble), tone::bad}};
  if (mode_ != mode::list)
    return {{"q back   arrows scroll", tone::dim}};
  styled_line result{
      {"q quit  ? help  / filter  s sort  r reverse", tone::dim}};
  if (view_ == top_view::actors)
    result.push_back({"  Enter look", tone::dim});
  result.push_back({fmt::format("  {} of {}", shown, of)});
  if (!filter().empty())
    result.push_back({"  filter: " + printable(filter()), tone::note});
  return result;
}

styled_text top_model::list_lines(std::size_t width, std::size_t height) {
  auto all = items();
  paper to;
  to.width = width;
  auto rows = table_of(view_, ordered_json(all), to).lines(width);
  page_ = height > 1 ? height - 1 : 1;
  auto& id = chosen_[static_cast<std::size_t>(view_)];
  std::size_t cursor = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (id_of(view_, all[i]) == id)
      cursor = i;
  if (!all.empty())
    id = id_of(view_, all[cursor]); // what it was on may have gone
  if (cursor < first_)
    first_ = cursor;
  if (cursor >= first_ + page_)
    first_ = cursor - page_ + 1;
  first_ = std::min(first_, all.size() > page_ ? all.size() - page_ : 0);
  styled_text result{rows.front()};
  for (auto i = first_; i < all.size() && result.size() <= page_; ++i)
    result.push_back(i == cursor ? chosen_line(rows[i + 1], width)
                                 : rows[i + 1]);
  if (all.empty() && answer_.to.view == view_)
    result.push_back(
        {{filter().empty() ? "none" : "none with this filter", tone::dim}});
  return result;
}

styled_text top_model::page_lines(const styled_text& page, std::size_t height) {
  page_ = height > 1 ? height - 1 : 1;
  first_ = std::min(first_, page.size() > height ? page.size() - height : 0);
  styled_text result;
  for (auto i = first_; i < page.size() && result.size() < height; ++i)
    result.push_back(page[i]);
  return result;
}

styled_text top_model::frame(std::size_t width, std::size_t height) {
  auto result = header(width);
  result.push_back(clipped(tabs(), width));
  // At least a row of the list; what is above gives way.
  while (result.size() + 3 > height && result.size() > 1)
    result.erase(result.begin());
  auto room = height > result.size() + 1 ? height - result.size() - 1 : 1;
  styled_text body;
  if (mode_ == mode::help) {
    body = page_lines(help_page(), room);
  } else if (mode_ == mode::actor) {
    paper to;
    to.width = width;
    styled_text waiting{{{"looking at it ...", tone::dim}}};
    body = page_lines(answer_.actor.is_object() && !actor_.empty()
                              && answer_.to.actor == actor_
                          ? actor_page(answer_.actor, to)
                          : waiting,
                      room);
  } else {
    body = list_lines(width, room);
  }
  for (auto& line : body)
    result.push_back(clipped(line, width));
  while (result.size() + 1 < height)
    result.emplace_back();
  auto total = whole_at(answer_.list, "total");
  auto shown = items().size();
  result.push_back(clipped(
      bottom(shown,
             view_ == top_view::actors && total
                 ? static_cast<std::size_t>(std::max<std::int64_t>(*total, 0))
                 : part_at(answer_.list, "items").size()),
      width));
  if (result.size() > height)
    result.resize(height);
  return result;
}

styled_text plain_top(const top_answer& x, const paper& to) {
  styled_text result{title_line(x.overview), health_line(x.overview),
                     rates_line(x.overview), budget_line(x.overview)};
  result.emplace_back();
  for (auto& line :
       table_of(x.to.view, part_at(x.list, "items"), to).lines(to.width))
    result.push_back(std::move(line));
  return result;
}

} // namespace tickerflow
