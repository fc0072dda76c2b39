#pragma once

#include "io/web_server/web_message.hpp"

namespace tickerflow::console {

/// A file of the console's page.
/// @throws problem if there is none
web_reply page_reply(const web_request& x);

} // namespace tickerflow::console
