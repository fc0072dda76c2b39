#pragma once

// Private to the adapters that use OpenSSL: its objects, freed by themselves,
// and PEM texts read into them.

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using ssl_context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, freed_by<SSL_free>>;

/// @returns all certificates of a PEM text, in their order
std::vector<x509_ptr> read_certificates(const std::string& pem);

/// What a PEM text says about a private key.
struct key_reading {
  key_ptr key;            // null: none, or one that cannot be used
  bool encrypted = false; // with a passphrase: cannot be used
};

key_reading read_key(const std::string& pem);

/// @returns the text of the newest error in this thread's queue of OpenSSL, and
///          empties the queue; empty if there was none
std::string take_openssl_error();

/// @returns the common name, or all of the name if it has none
std::string common_name(const X509_NAME* x);

} // namespace tickerflow
