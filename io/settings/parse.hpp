#pragma once

#include "io/settings/declaration.hpp"

#include <limits>

namespace tickerflow {

/// A parser makes a value of a text or says what is allowed. They are kept
/// apart from the table so that each is one line there.
template <class T>
using parser = std::function<std::variant<T, refusal>(const std::string&)>;

parser<std::string> any_text();
parser<std::string> some_text(const std::string& what);
parser<std::string> one_of(std::vector<std::string> allowed);
parser<int> whole_number(int least, int most);
parser<bool> yes_or_no();
/// A number with its unit: 500ms, 2s, 1min, 1h. A bare number is refused.
parser<std::chrono::milliseconds> time_span(std::chrono::milliseconds least,
                                            std::chrono::milliseconds most);
parser<std::chrono::minutes> bar_interval();
parser<bar_label> label_side();
parser<std::vector<std::string>> symbols();
parser<std::string> http_url();
parser<std::string> broker_list();
parser<std::string> topic_name();
parser<std::string> postgres_dsn();
parser<endpoint> host_and_port();

/// Nothing, or "off", is none.
parser<std::optional<endpoint>> address_or_none();

/// Any items between commas, also none.
parser<std::vector<std::string>> text_list();

/// host:port,host:port; at least one.
parser<std::vector<endpoint>> addresses();
parser<std::vector<std::pair<std::string, std::string>>> client_properties();

/// @returns items between commas or line ends, trimmed, none empty; "\," is a
///          comma in an item
std::vector<std::string> split_list(const std::string& text);

/// The inverse of split_list.
std::string join_list(const std::vector<std::string>& items);

/// @returns the text without white space at both ends
std::string trimmed(const std::string& text);

/// @returns nothing if the text is no host:port
std::optional<endpoint> parse_endpoint(const std::string& text);

/// @returns the brokers of a bootstrap list; 9092 where no port is given
std::vector<endpoint> parse_brokers(const std::string& text);

} // namespace tickerflow
