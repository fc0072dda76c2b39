#include "io/node_link/greeting.hpp"

#include "messages/setup.hpp"

#include <atomic>
#include <charconv>

namespace tickerflow {

namespace {

std::atomic<int> heard{0}; // 0: none that has our protocol's name

} // namespace

void note_greeting(std::string_view bytes) {
  auto number = 0;
  auto at = bytes.find(protocol_name);
  if (at != bytes.npos) {
    auto digits = bytes.substr(at + std::string_view{protocol_name}.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
  }
  heard = number;
}

std::string explain_protocol(const std::string& peer) {
  auto theirs = heard.load();
  auto numbers = " (node protocol " + std::to_string(theirs) + ", here "
                 + std::to_string(node_protocol) + "): ";
  if (theirs == 0 || theirs == node_protocol)
    return peer
           + " runs another version of Tickerflow: upgrade the older of the "
             "two nodes";
  if (theirs > node_protocol)
    return peer + " runs a newer version of Tickerflow" + numbers
           + "upgrade this node";
  return peer + " runs an older version of Tickerflow" + numbers
         + "upgrade that node";
}

} // namespace tickerflow
