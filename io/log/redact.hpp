#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tickerflow {

/// From now on redact() masks this text. Thread-safe; for the whole process.
/// A text shorter than 3 is left out: it would tear every line apart.
void register_secret(const std::string& text);

void register_secrets(const std::vector<std::string>& texts);

/// Masks each registered secret as "***" and, registered or not, what follows
/// `apikey=` and `password=`, and the password in `scheme://user:password@`.
std::string redact(std::string_view text);

} // namespace tickerflow
