#include "nodes/commands/top_model.hpp"

#include "io/console_client/target.hpp"
#include "nodes/commands/top_lists.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

constexpr std::int32_t key_of(top_key x) {
  return static_cast<std::int32_t>(x);
}

std::size_t index_of(top_view x) { return static_cast<std::size_t>(x); }

} // namespace

std::string to_string(top_view x) {
  switch (x) {
    case top_view::actors: return "actors";
    case top_view::tickers: return "tickers";
    case top_view::shards: return "shards";
    case top_view::nodes: return "nodes";
    case top_view::alerts: return "alerts";
  }
  return "???";
}

const std::string& top_model::filter() const {
  return filters_[index_of(view_)];
}

bool top_model::is_descending() const {
  auto& x = orders_[index_of(view_)];
  return sort_keys(view_)[x.key].highest_first != x.reversed;
}

void top_model::take(top_answer x) {
  // A console that is away for a moment must not empty the screen.
  if (x.overview.is_null()) {
    answer_.trouble = std::move(x.trouble);
    return;
  }
  answer_ = std::move(x);
}

top_question top_model::question() const {
  top_question result;
  result.view = view_;
  result.actor = actor_;
  if (view_ == top_view::actors) {
    result.sort = sort_keys(view_)[orders_[0].key].field;
    result.descending = is_descending();
    result.filter = filter();
  }
  return result;
}

std::vector<ordered_json> top_model::items() const {
  std::vector<ordered_json> result;
  if (answer_.to.view != view_)
    return result;
  for (auto& x : part_at(answer_.list, "items"))
    // Actors are filtered and sorted where all of them are.
    if (view_ == top_view::actors || matches(x, filter()))
      result.push_back(x);
  if (view_ != top_view::actors)
    sort_items(result, sort_keys(view_)[orders_[index_of(view_)].key].field,
               is_descending());
  return result;
}

void top_model::choose_view(top_view x) {
  view_ = x;
  first_ = 0;
}

void top_model::move_by(std::ptrdiff_t rows) {
  auto all = items();
  if (all.empty())
    return;
  auto& id = chosen_[index_of(view_)];
  auto i = std::find_if(all.begin(), all.end(),
                        [&](auto& x) { return id_of(view_, x) == id; });
  auto at = i == all.end() ? 0 : i - all.begin();
  auto last = static_cast<std::ptrdiff_t>(all.size()) - 1;
  at = std::clamp<std::ptrdiff_t>(at + rows, 0, last);
  id = id_of(view_, all[static_cast<std::size_t>(at)]);
}

void top_model::open_chosen() {
  if (view_ != top_view::actors)
    return;
  for (auto& x : items())
    if (id_of(view_, x) == chosen_[0]) {
      actor_ = api_path({"actors", text_at(x, "node"), text_at(x, "serial")});
      answer_.actor = nullptr;
      mode_ = mode::actor;
      first_ = 0;
    }
}

bool top_model::press(std::int32_t key) {
  switch (mode_) {
    case mode::list: return press_in_list(key);
    case mode::filter: press_in_filter(key); return true;
    case mode::help:
    case mode::actor: press_in_page(key); return true;
  }
  return true;
}

bool top_model::press_in_list(std::int32_t key) {
  auto far = static_cast<std::ptrdiff_t>(1) << 40;
  auto page = static_cast<std::ptrdiff_t>(page_);
  auto& order = orders_[index_of(view_)];
  auto keys = sort_keys(view_).size();
  if (key >= '1' && key <= '5')
    choose_view(static_cast<top_view>(key - '1'));
  else if (key == 'q' || key == 'Q')
    return false;
  else if (key == '\t')
    choose_view(static_cast<top_view>((index_of(view_) + 1) % top_views));
  else if (key == key_of(top_key::up) || key == 'k')
    move_by(-1);
  else if (key == key_of(top_key::down) || key == 'j')
    move_by(1);
  else if (key == key_of(top_key::page_up))
    move_by(-page);
  else if (key == key_of(top_key::page_down) || key == ' ')
    move_by(page);
  else if (key == key_of(top_key::home) || key == 'g')
    move_by(-far);
  else if (key == key_of(top_key::end) || key == 'G')
    move_by(far);
  else if (key == key_of(top_key::enter))
    open_chosen();
  else if (key == 's' || key == '>')
    order.key = (order.key + 1) % keys;
  else if (key == 'S' || key == '<')
    order.key = (order.key + keys - 1) % keys;
  else if (key == 'r' || key == 'R')
    order.reversed = !order.reversed;
  else if (key == key_of(top_key::escape))
    filters_[index_of(view_)].clear();
  else if (key == '?' || key == 'h') {
    mode_ = mode::help;
    first_ = 0;
  } else if (key == '/') {
    before_edit_ = filter();
    mode_ = mode::filter;
  }
  return true;
}

void top_model::press_in_filter(std::int32_t key) {
  auto& text = filters_[index_of(view_)];
  constexpr std::size_t longest = 100;
  if (key == key_of(top_key::enter)) {
    mode_ = mode::list;
  } else if (key == key_of(top_key::escape)) {
    text = before_edit_;
    mode_ = mode::list;
  } else if (key == key_of(top_key::backspace)) {
    // A letter is its first byte and those that go on with 10xxxxxx.
    while (!text.empty()
           && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
      text.pop_back();
    if (!text.empty())
      text.pop_back();
  } else if (key >= ' ' && key < 256 && key != 127 && text.size() < longest) {
    text += static_cast<char>(key);
  }
  first_ = 0;
}

void top_model::press_in_page(std::int32_t key) {
  if (key == 'q' || key == '?' || key == key_of(top_key::escape)
      || key == key_of(top_key::enter) || key == key_of(top_key::backspace)) {
    mode_ = mode::list;
    actor_.clear();
    first_ = 0;
  } else if (key == key_of(top_key::down) || key == 'j') {
    ++first_; // the frame holds it back at the end
  } else if (key == key_of(top_key::up) || key == 'k') {
    first_ -= first_ > 0 ? 1 : 0;
  } else if (key == key_of(top_key::page_down) || key == ' ') {
    first_ += page_;
  } else if (key == key_of(top_key::page_up)) {
    first_ -= std::min(first_, page_);
  } else if (key == key_of(top_key::home)) {
    first_ = 0;
  }
}

} // namespace tickerflow
