#pragma once

#include "io/simulator/http_messages.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

namespace tickerflow::sim {

using ssl_context = boost::asio::ssl::context;

/// The open connections of a server: bounds their number, ends the idle ones.
class session_board {
public:
  /// @param close ends the connection if it is idle; from any thread
  /// @returns a number for leave(); 0 if there are too many
  std::uint64_t enter(std::function<void()> close);
  void leave(std::uint64_t number);

  /// Ends idle connections; the others end after their answer.
  void stop();
  bool stopping() const;

  void wait_for_end(std::chrono::milliseconds longest);

private:
  static constexpr size_t most_sessions = 4096;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::map<std::uint64_t, std::function<void()>> sessions_;
  std::uint64_t last_number_ = 0;
  bool stopping_ = false;
};

/// Serves one connection until it ends. `handler` and `board` have to live
/// until then.
void start_session(boost::asio::ip::tcp::socket socket,
                   const http_handler& handler, session_board& board);

/// The same over TLS.
void start_session(boost::asio::ip::tcp::socket socket, ssl_context& context,
                   const http_handler& handler, session_board& board);

} // namespace tickerflow::sim
