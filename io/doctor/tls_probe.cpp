#include "io/doctor/tls_probe.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <sys/socket.h>

#include <cctype>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>

namespace tickerflow {

namespace {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};
using context_ptr = std::unique_ptr<SSL_CTX, freed<SSL_CTX_free>>;
using session_ptr = std::unique_ptr<SSL, freed<SSL_free>>;

/// Sends and receives bytes, with TLS or without.
struct channel {
  std::function<bool(const std::string&)> send;
  std::function<int(char*, int)> receive; // 0 or less at the end
};

std::optional<std::int64_t> date_of(const std::string& head) {
  auto lower = head;
  for (auto& c : lower)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto at = lower.find("\r\ndate:");
  if (at == std::string::npos)
    return std::nullopt;
  auto text = head.substr(at + 7);
  text.erase(0, text.find_first_not_of(' '));
  std::tm parts{};
  // RFC 9110: always GMT and always English, as in the C locale.
  if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S", &parts) == nullptr)
    return std::nullopt;
  return ::timegm(&parts);
}

web_answer talk(const channel& x, const std::string& host) {
  web_answer result;
  if (!x.send("GET / HTTP/1.1\r\nHost: " + host
              + "\r\nAccept: */*\r\nUser-Agent: tickerflow-doctor\r\n"
                "Connection: close\r\n\r\n")) {
    result.fault = "the connection broke";
    return result;
  }
  std::string head;
  char buffer[2048];
  while (head.size() < 65536 && head.find("\r\n\r\n") == std::string::npos) {
    auto size = x.receive(buffer, sizeof(buffer));
    if (size <= 0)
      break;
    head.append(buffer, static_cast<std::size_t>(size));
  }
  if (head.compare(0, 5, "HTTP/") != 0) {
    result.fault = head.empty() ? "it did not answer" : "it is no web server";
    return result;
  }
  result.status_line = head.substr(0, head.find("\r\n"));
  result.date_s = date_of(head);
  return result;
}

std::string openssl_fault() {
  auto code = ::ERR_get_error();
  if (code == 0)
    return "no answer, or the connection was closed";
  char text[256];
  ::ERR_error_string_n(code, text, sizeof(text));
  return text;
}

web_answer fault_answer(std::string text) {
  web_answer result;
  result.fault = std::move(text);
  return result;
}

web_answer ask_by_tls(int descriptor, const std::string& host,
                      const std::string& ca_file) {
  ::ERR_clear_error();
  context_ptr context{::SSL_CTX_new(::TLS_client_method())};
  ::SSL_CTX_set_default_verify_paths(context.get());
  if (!ca_file.empty()
      && ::SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(),
                                         nullptr)
             != 1) {
    auto result = fault_answer("api_ca_file \"" + ca_file
                               + "\" cannot be used: " + openssl_fault());
    result.bad_certificate = true;
    return result;
  }
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  session_ptr session{::SSL_new(context.get())};
  ::SSL_set_tlsext_host_name(session.get(), host.c_str());
  ::SSL_set1_host(session.get(), host.c_str());
  ::SSL_set_fd(session.get(), descriptor);
  if (::SSL_connect(session.get()) != 1) {
    auto verified = ::SSL_get_verify_result(session.get());
    if (verified == X509_V_OK)
      return fault_answer("TLS: " + openssl_fault());
    auto result = fault_answer(std::string{"its certificate is refused: "}
                               + ::X509_verify_cert_error_string(verified));
    result.bad_certificate = true;
    return result;
  }
  channel secure;
  secure.send = [&](const std::string& text) {
    return ::SSL_write(session.get(), text.data(),
                       static_cast<int>(text.size()))
           > 0;
  };
  secure.receive = [&](char* to, int size) {
    return ::SSL_read(session.get(), to, size);
  };
  return talk(secure, host);
}

} // namespace

web_answer ask_start_page(const tcp_socket& socket, const std::string& host,
                          bool use_tls, const std::string& ca_file) {
  auto descriptor = socket.descriptor();
  if (use_tls)
    return ask_by_tls(descriptor, host, ca_file);
  channel plain;
  plain.send = [&](const std::string& text) {
    return ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL)
           == static_cast<ssize_t>(text.size());
  };
  plain.receive = [&](char* to, int size) {
    return static_cast<int>(
        ::recv(descriptor, to, static_cast<std::size_t>(size), 0));
  };
  return talk(plain, host);
}

} // namespace tickerflow
