#include "actors/state_page.hpp"

#include <cmath>
#include <cstdio>

namespace tickerflow {

namespace {

/// @returns a JSON string; bytes that are no text become blanks
std::string json_text(std::string_view x) {
  auto cut = x.size() > state_page::longest_text;
  if (cut)
    x = x.substr(0, state_page::longest_text);
  std::string result = "\"";
  for (unsigned char c : x) {
    if (c == '"' || c == '\\')
      result += '\\';
    // What is not ASCII may not be UTF-8 either: no state of ours needs it.
    result += c >= 0x20 && c < 0x7f ? static_cast<char>(c) : ' ';
  }
  return result + (cut ? "...\"" : "\"");
}

} // namespace

state_page& state_page::raw(std::string_view key, std::string_view value) {
  if (fields_.size() + key.size() + value.size() > most_bytes) {
    cut_ = true;
    return *this;
  }
  if (!fields_.empty())
    fields_ += ',';
  fields_ += json_text(key) + ':';
  fields_ += value;
  return *this;
}

state_page& state_page::real(std::string_view key, double x) {
  if (!std::isfinite(x))
    return raw(key, "null");
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return raw(key, text);
}

state_page& state_page::add(std::string_view key, std::string_view x) {
  return raw(key, json_text(x));
}

state_page& state_page::add(std::string_view key,
                            const std::vector<std::string>& x) {
  std::string list = "[";
  for (size_t i = 0; i < x.size() && i < most_items; ++i) {
    list += i > 0 ? "," : "";
    list += json_text(x[i]);
  }
  cut_ = cut_ || x.size() > most_items;
  return raw(key, list + ']');
}

state_page& state_page::add(std::string_view key,
                            const std::vector<state_page>& x) {
  std::string list = "[";
  for (size_t i = 0; i < x.size() && i < most_items; ++i) {
    list += i > 0 ? "," : "";
    list += x[i].text();
  }
  cut_ = cut_ || x.size() > most_items;
  return raw(key, list + ']');
}

std::string state_page::text() const {
  if (!cut_)
    return '{' + fields_ + '}';
  return '{' + fields_ + (fields_.empty() ? "" : ",") + "\"cut\":true}";
}

} // namespace tickerflow
