#include "market/price.hpp"

#include "market/bar.hpp"

#include <charconv>
#include <cmath>

namespace tickerflow {

std::optional<std::int64_t> to_e4(double price) {
  auto scaled = price * static_cast<double>(price_scale);
  if (!std::isfinite(scaled) || std::abs(scaled) > 9e17)
    return std::nullopt;
  return std::llround(scaled);
}

std::optional<std::int64_t> parse_e4(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos)
    return std::nullopt;
  text = text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
  // from_chars takes "nan" and "inf", which no price is.
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos)
    return std::nullopt;
  double value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return to_e4(value);
}

void append_e4(std::string& out, std::int64_t price_e4) {
  auto magnitude = static_cast<std::uint64_t>(price_e4);
  if (price_e4 < 0) {
    out += '-';
    magnitude = 0 - magnitude;
  }
  char digits[24];
  auto whole =
      std::to_chars(digits, digits + sizeof digits, magnitude / price_scale);
  out.append(digits, whole.ptr);
  auto rest = magnitude % price_scale;
  if (rest == 0)
    return;
  char fraction[5] = {'.', static_cast<char>('0' + rest / 1000),
                      static_cast<char>('0' + rest / 100 % 10),
                      static_cast<char>('0' + rest / 10 % 10),
                      static_cast<char>('0' + rest % 10)};
  auto length = sizeof fraction;
  while (fraction[length - 1] == '0')
    --length;
  out.append(fraction, length);
}

std::string format_e4(std::int64_t price_e4) {
  std::string result;
  append_e4(result, price_e4);
  return result;
}

} // namespace tickerflow
