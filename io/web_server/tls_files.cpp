#include "io/web_server/tls_files.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

namespace ssl = boost::asio::ssl;

constexpr std::chrono::seconds look_again{2};

} // namespace

tls_files::file_times tls_files::times() const {
  std::error_code ignored;
  return {std::filesystem::last_write_time(certificate_, ignored),
          std::filesystem::last_write_time(key_, ignored)};
}

caf::expected<tls_files::context_ptr> tls_files::load() {
  loaded_ = times();
  looked_ = std::chrono::steady_clock::now();
  auto result = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(result->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(result->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // A key with a passphrase must not ask for it on the terminal.
  result->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return ""; });
  boost::system::error_code error;
  result->use_certificate_chain_file(certificate_, error);
  if (error)
    return failure(errc::bad_setting,
                   "cannot use the certificate " + certificate_ + ": "
                       + error.message() + " (is it a PEM file?)");
  result->use_private_key_file(key_, ssl::context::pem, error);
  if (error)
    return failure(errc::bad_setting,
                   "cannot use the key " + key_ + ": " + error.message()
                       + " (it has to be PEM, without a passphrase, and of "
                         "the certificate "
                       + certificate_ + ")");
  context_ = result;
  return result;
}

tls_files::context_ptr tls_files::current() {
  if (std::chrono::steady_clock::now() - looked_ < look_again)
    return context_;
  looked_ = std::chrono::steady_clock::now();
  if (times() == loaded_)
    return context_;
  auto before = context_;
  if (auto renewed = load(); !renewed) {
    context_ = before;
    spdlog::error("event=console_certificate_not_renewed reason=\"{}\"",
                  text_of(renewed.error()));
  } else {
    spdlog::info("event=console_certificate_renewed");
  }
  return context_;
}

} // namespace tickerflow
