#include "io/certificates/pem.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace tickerflow {

namespace {

bio_ptr memory_of(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// Instead of OpenSSL's own, which would ask on the terminal.
int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

} // namespace

std::vector<x509_ptr> read_certificates(const std::string& pem) {
  std::vector<x509_ptr> result;
  auto memory = memory_of(pem);
  while (auto x = PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr))
    result.emplace_back(x);
  ERR_clear_error(); // that the text ends is an error to OpenSSL
  return result;
}

key_reading read_key(const std::string& pem) {
  key_reading result;
  auto memory = memory_of(pem);
  result.key.reset(PEM_read_bio_PrivateKey(
      memory.get(), nullptr, refuse_passphrase, &result.encrypted));
  ERR_clear_error();
  return result;
}

std::string take_openssl_error() {
  auto code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0)
    return {};
  if (auto reason = ERR_reason_error_string(code))
    return reason;
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

std::string common_name(const X509_NAME* x) {
  auto at = X509_NAME_get_index_by_NID(x, NID_commonName, -1);
  if (at < 0) {
    char text[256];
    X509_NAME_oneline(x, text, sizeof text);
    return text;
  }
  auto value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(x, at));
  unsigned char* bytes = nullptr;
  auto size = ASN1_STRING_to_UTF8(&bytes, value);
  std::string result{reinterpret_cast<char*>(bytes),
                     size > 0 ? static_cast<size_t>(size) : 0};
  OPENSSL_free(bytes);
  return result;
}

} // namespace tickerflow
