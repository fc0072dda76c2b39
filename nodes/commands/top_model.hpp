#pragma once

#include "nodes/commands/fields.hpp"
#include "nodes/commands/lists.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tickerflow {

enum class top_view : std::uint8_t { actors, tickers, shards, nodes, alerts };

constexpr std::size_t top_views = 5;

/// @returns "actors": as the tab says and as the API's path
std::string to_string(top_view x);

/// What has to be asked of the API for what is on the screen.
struct top_question {
  top_view view = top_view::actors;
  std::string sort; // of actors; their lists can be long
  bool descending = false;
  std::string filter; // of actors
  std::string actor;  // path of the one that is looked at, or empty

  bool operator==(const top_question& x) const {
    return view == x.view && sort == x.sort && descending == x.descending
           && filter == x.filter && actor == x.actor;
  }
};

/// What the API said to a question.
struct top_answer {
  top_question to;
  ordered_json overview;
  ordered_json list;
  ordered_json actor;  // null: none is looked at
  std::string trouble; // why some or all of this is missing; else empty
};

/// Keys that are no letters; letters are themselves.
enum class top_key : std::int32_t {
  up = -100,
  down,
  page_up,
  page_down,
  home,
  end,
  enter,
  escape,
  backspace,
};

/// What `top` shows and what keys do to it; no terminal, no network.
class top_model {
public:
  /// @param key a letter, or a top_key's number
  /// @returns whether it goes on
  bool press(std::int32_t key);

  void take(top_answer x);

  top_question question() const;

  /// @returns `height` lines at most, none wider than `width`
  styled_text frame(std::size_t width, std::size_t height);

private:
  enum class mode : std::uint8_t { list, filter, help, actor };

  struct order {
    std::size_t key = 0; // in sort_keys()
    bool reversed = false;
  };

  bool press_in_list(std::int32_t key);
  void press_in_filter(std::int32_t key);
  void press_in_page(std::int32_t key);
  void move_by(std::ptrdiff_t rows);
  void open_chosen();
  void choose_view(top_view x);

  /// The items of the view that the filter lets through, sorted.
  std::vector<ordered_json> items() const;
  bool is_descending() const;
  const std::string& filter() const;

  styled_text header(std::size_t width) const;
  styled_line tabs() const;
  styled_line bottom(std::size_t shown, std::size_t of) const;
  styled_text list_lines(std::size_t width, std::size_t height);
  styled_text page_lines(const styled_text& page, std::size_t height);

  top_answer answer_;
  top_view view_ = top_view::actors;
  mode mode_ = mode::list;
  std::array<order, top_views> orders_{};
  std::array<std::string, top_views> filters_{};
  std::array<std::string, top_views> chosen_{}; // id of the item
  std::size_t first_ = 0;   // row at the top of the list or page
  std::size_t page_ = 10;   // rows that fit
  std::string actor_;       // path of the one that is looked at
  std::string before_edit_; // the filter
};

/// Everything at one look, for what is no terminal.
styled_text plain_top(const top_answer& x, const paper& to);

} // namespace tickerflow
