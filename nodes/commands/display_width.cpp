#include "nodes/commands/display_width.hpp"

#include <clocale>
#include <cwchar>

namespace tickerflow {

namespace {

constexpr std::string_view ellipsis = "…";

struct letter {
  char32_t code = 0;
  std::size_t size = 0; // bytes; 0: no UTF-8
};

/// The first letter: RFC 3629, without surrogates and overlong forms.
letter first_letter(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80)
    return {lead, 1};
  std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size)
    return {};
  char32_t code = lead & (0xFF >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80)
      return {};
    code = (code << 6) | (next & 0x3F);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || code > 0x10FFFF
      || (code >= 0xD800 && code <= 0xDFFF))
    return {};
  return {code, size};
}

/// Whether it would move the cursor or turn the writing direction.
bool steers(char32_t x) {
  return x < 0x20 || (x >= 0x7F && x < 0xA0) || x == 0x200E || x == 0x200F
         || (x >= 0x2028 && x <= 0x202E) || (x >= 0x2066 && x <= 0x2069)
         || x == 0xFEFF;
}

std::string hex(std::uint32_t x, int digits) {
  char buffer[16];
  std::snprintf(buffer, sizeof(buffer), "%0*x", digits, x);
  return buffer;
}

/// glibc's table, whatever the user's language is.
std::size_t width_of(char32_t x) {
  static const auto table = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (x < 0x7F || table == nullptr)
    return 1;
  auto before = ::uselocale(table);
  auto result = ::wcwidth(static_cast<wchar_t>(x));
  ::uselocale(before);
  return result < 0 ? 1 : static_cast<std::size_t>(result);
}

} // namespace

std::string printable(std::string_view text, bool keep_line_ends) {
  std::string result;
  while (!text.empty()) {
    auto x = first_letter(text);
    if (x.size == 0) {
      result += "\\x" + hex(static_cast<unsigned char>(text[0]), 2);
      text.remove_prefix(1);
      continue;
    }
    if (x.code == '\t' || (x.code == '\n' && !keep_line_ends))
      result += ' ';
    else if (x.code == '\n' || !steers(x.code))
      result += text.substr(0, x.size);
    else if (x.code < 0x100)
      result += "\\x" + hex(x.code, 2);
    else
      result += "\\u{" + hex(x.code, 4) + '}';
    text.remove_prefix(x.size);
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t result = 0;
  while (!text.empty()) {
    auto x = first_letter(text);
    result += x.size == 0 ? 1 : width_of(x.code);
    text.remove_prefix(x.size == 0 ? 1 : x.size);
  }
  return result;
}

std::string clipped(std::string_view text, std::size_t width) {
  if (display_width(text) <= width)
    return std::string{text};
  if (width == 0)
    return {};
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    auto x = first_letter(text.substr(end));
    auto more = x.size == 0 ? 1 : width_of(x.code);
    if (used + more > width - 1)
      break;
    used += more;
    end += x.size == 0 ? 1 : x.size;
  }
  return std::string{text.substr(0, end)}.append(ellipsis);
}

std::string fitted(std::string_view text, std::size_t width,
                   bool to_the_right) {
  auto result = clipped(text, width);
  std::string blanks(width - display_width(result), ' ');
  return to_the_right ? blanks + result : result + blanks;
}

} // namespace tickerflow
