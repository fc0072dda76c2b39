#pragma once

#include "nodes/commands/styled.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace tickerflow {

/// A terminal that is drawn on as a whole (ncurses). One at a time. The
/// terminal is as before when it ends; SIGINT, SIGTERM and SIGHUP only make
/// `stopped_by` tell meanwhile.
class top_screen {
public:
  /// @returns nothing if the terminal cannot do it (TERM)
  static std::unique_ptr<top_screen> open(bool colours);
  ~top_screen();

  top_screen(const top_screen&) = delete;
  top_screen& operator=(const top_screen&) = delete;

  std::size_t width() const;
  std::size_t height() const;

  void draw(const styled_text& lines);

  /// Waits a tenth of a second for a key.
  /// @returns a letter or a top_key's number; nothing if there is none; 0 if
  ///          the terminal's size is another
  std::optional<std::int32_t> key();

  /// @returns the signal that asks to end, or 0
  int stopped_by() const;

private:
  explicit top_screen(bool colours);

  bool colours_;
};

} // namespace tickerflow
