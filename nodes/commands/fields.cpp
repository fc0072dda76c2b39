#include "nodes/commands/fields.hpp"

namespace tickerflow {

namespace {

const ordered_json* find(const ordered_json& x, const char* name) {
  if (!x.is_object())
    return nullptr;
  auto i = x.find(name);
  return i == x.end() || i->is_null() ? nullptr : &*i;
}

} // namespace

std::string text_at(const ordered_json& x, const char* name) {
  auto found = find(x, name);
  if (found == nullptr || found->is_structured())
    return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::optional<double> number_at(const ordered_json& x, const char* name) {
  auto found = find(x, name);
  if (found == nullptr || !found->is_number())
    return std::nullopt;
  return found->get<double>();
}

std::optional<std::int64_t> whole_at(const ordered_json& x, const char* name) {
  auto found = find(x, name);
  if (found == nullptr || !found->is_number_integer())
    return std::nullopt;
  return found->get<std::int64_t>();
}

bool flag_at(const ordered_json& x, const char* name) {
  auto found = find(x, name);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

const ordered_json& part_at(const ordered_json& x, const char* name) {
  static const ordered_json nothing = ordered_json::array();
  auto found = find(x, name);
  return found != nullptr && found->is_structured() ? *found : nothing;
}

} // namespace tickerflow
