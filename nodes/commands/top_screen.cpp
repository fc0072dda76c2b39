#define NCURSES_NOMACROS
#include "nodes/commands/top_screen.hpp"

#include "nodes/commands/top_model.hpp"

#include <ncurses.h>

#include <clocale>
#include <csignal>
#include <cstring>
#include <langinfo.h>
#include <unistd.h>

namespace tickerflow {

namespace {

volatile std::sig_atomic_t last_signal = 0;

void note_signal(int x) { last_signal = x; }

void handle(int signal, void (*how)(int)) {
  struct sigaction action {};
  action.sa_handler = how;
  ::sigaction(signal, &action, nullptr);
}

enum pair : short { good = 1, note, warning, bad };

attr_t look_of(tone x, bool colours) {
  auto colour = [&](pair p, attr_t more = 0) {
    return colours ? COLOR_PAIR(p) | more : more;
  };
  switch (x) {
    case tone::plain: return A_NORMAL;
    case tone::heading: return A_BOLD;
    case tone::dim: return A_DIM;
    case tone::good: return colour(pair::good);
    case tone::note: return colour(pair::note);
    case tone::warning: return colour(pair::warning);
    case tone::bad: return colour(pair::bad, A_BOLD);
    case tone::chosen: return A_REVERSE;
  }
  return A_NORMAL;
}

} // namespace

std::unique_ptr<top_screen> top_screen::open(bool colours) {
  // ncurses counts columns by the locale. Where none is set, as in containers,
  // terminals still are UTF-8.
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0)
    std::setlocale(LC_CTYPE, "C.UTF-8");
  // Not initscr(): that ends the process if it does not know the terminal.
  if (::newterm(nullptr, stdout, stdin) == nullptr)
    return nullptr;
  return std::unique_ptr<top_screen>{new top_screen{colours}};
}

top_screen::top_screen(bool colours)
    : colours_(colours && ::has_colors() == TRUE) {
  ::cbreak();
  ::noecho();
  ::keypad(stdscr, TRUE);
  ::wtimeout(stdscr, 100);
  ::curs_set(0);
  // Esc alone is a key: do not wait long for the rest of a sequence.
  ::set_escdelay(50);
  if (colours_) {
    ::start_color();
    ::use_default_colors();
    ::init_pair(pair::good, COLOR_GREEN, -1);
    ::init_pair(pair::note, COLOR_CYAN, -1);
    ::init_pair(pair::warning, COLOR_YELLOW, -1);
    ::init_pair(pair::bad, COLOR_RED, -1);
  }
  for (auto x : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    handle(x, note_signal);
}

top_screen::~top_screen() {
  ::endwin();
  for (auto x : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    handle(x, SIG_DFL);
}

std::size_t top_screen::width() const {
  return static_cast<std::size_t>(std::max(getmaxx(stdscr), 1));
}

std::size_t top_screen::height() const {
  return static_cast<std::size_t>(std::max(getmaxy(stdscr), 1));
}

void top_screen::draw(const styled_text& lines) {
  ::werase(stdscr);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ::wmove(stdscr, static_cast<int>(i), 0);
    for (auto& [text, look] : lines[i]) {
      ::wattrset(stdscr, static_cast<int>(look_of(look, colours_)));
      ::waddstr(stdscr, text.c_str());
    }
  }
  ::wattrset(stdscr, A_NORMAL);
  ::wrefresh(stdscr);
}

std::optional<std::int32_t> top_screen::key() {
  auto of = [](top_key x) { return static_cast<std::int32_t>(x); };
  switch (auto x = ::wgetch(stdscr)) {
    case ERR: return std::nullopt;
    case KEY_RESIZE: return 0;
    case KEY_UP: return of(top_key::up);
    case KEY_DOWN: return of(top_key::down);
    case KEY_PPAGE: return of(top_key::page_up);
    case KEY_NPAGE: return of(top_key::page_down);
    case KEY_HOME: return of(top_key::home);
    case KEY_END: return of(top_key::end);
    case KEY_ENTER:
    case '\n':
    case '\r': return of(top_key::enter);
    case 27: return of(top_key::escape);
    case KEY_BACKSPACE:
    case 8:
    case 127: return of(top_key::backspace);
    default: return x < 256 ? std::optional<std::int32_t>{x} : 0;
  }
}

int top_screen::stopped_by() const { return last_signal; }

} // namespace tickerflow
