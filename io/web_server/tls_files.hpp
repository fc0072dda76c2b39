#pragma once

// Private to io/web_server: Boost's types end here.

#include "messages/errc.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace tickerflow {

/// Certificate and key as they are in their files now: one that was renewed is
/// used for new connections. Not thread-safe.
class tls_files {
public:
  using context_ptr = std::shared_ptr<boost::asio::ssl::context>;

  tls_files(std::string certificate, std::string key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  /// Errors  bad_setting, naming the file
  caf::expected<context_ptr> load();

  /// @returns what is to be used now; files that cannot be used leave what was
  ///          loaded before, and are told once
  /// @pre load() succeeded
  context_ptr current();

private:
  using file_times = std::pair<std::filesystem::file_time_type,
                               std::filesystem::file_time_type>;

  file_times times() const;

  std::string certificate_;
  std::string key_;
  context_ptr context_;
  file_times loaded_;
  std::chrono::steady_clock::time_point looked_;
};

} // namespace tickerflow
