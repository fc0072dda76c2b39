#pragma once

// No CAF type.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tickerflow {

/// What an actor tells of its state: a JSON object, written field by field, and
/// bounded whatever the actor holds.
class state_page {
public:
  static constexpr size_t most_bytes = 16 * 1024;
  static constexpr size_t longest_text = 400;
  static constexpr size_t most_items = 100; // of a list

  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  state_page& add(std::string_view key, T x) {
    if constexpr (std::is_same_v<T, bool>)
      return raw(key, x ? "true" : "false");
    else if constexpr (std::is_integral_v<T>)
      return raw(key, std::to_string(x));
    else
      return real(key, x);
  }

  state_page& add(std::string_view key, std::string_view x);

  state_page& add(std::string_view key, const char* x) {
    return add(key, std::string_view{x});
  }

  /// @param key ends in `_ms`
  state_page& add(std::string_view key, std::chrono::milliseconds x) {
    return raw(key, std::to_string(x.count()));
  }

  /// Of more than `most_items` only the first.
  state_page& add(std::string_view key, const std::vector<std::string>& x);
  state_page& add(std::string_view key, const std::vector<state_page>& x);

  /// @returns an object; fields for which there was no room are left out, and
  ///          `cut` says so
  std::string text() const;

private:
  state_page& raw(std::string_view key, std::string_view value);
  state_page& real(std::string_view key, double x);

  std::string fields_;
  bool cut_ = false;
};

} // namespace tickerflow
