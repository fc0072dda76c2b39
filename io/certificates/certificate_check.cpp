#include "io/certificates/certificate_check.hpp"

#include "io/certificates/pem.hpp"
#include "messages/errc.hpp"

#include <openssl/x509v3.h>

#include <ctime>

namespace tickerflow {

namespace {

using store_ptr = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;
using store_context_ptr =
    std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;

constexpr auto renew =
    "make a new one (\"tickerflow certs --force NAME\" with the same "
    "authority) and start again";

class checker {
public:
  explicit checker(const certificate_files& files) : files_(files) {}

  caf::expected<certificate_facts> run() {
    for (auto step : {&checker::read, &checker::fit, &checker::time,
                      &checker::strength, &checker::chain})
      if (auto error = (this->*step)())
        return error;
    return *facts_of(certificate_text_);
  }

private:
  static caf::error refuse(const char* setting, const std::string& path,
                           const std::string& cause, const std::string& fix) {
    return failure(errc::bad_setting, std::string{setting} + " \"" + path
                                          + "\" " + cause + ": " + fix);
  }

  caf::error load(const char* setting, const std::string& path,
                  std::string& text) {
    auto found = read_pem_file(path);
    if (!found)
      return refuse(setting, path, text_of(found.error()),
                    "check the path and its owner");
    text = std::move(*found);
    return caf::none;
  }

  caf::error read() {
    std::string key_text;
    std::string authority_text;
    if (auto error = load("tls_cert", files_.certificate, certificate_text_))
      return error;
    if (auto error = load("tls_key", files_.key, key_text))
      return error;
    if (auto error = load("tls_ca", files_.authority, authority_text))
      return error;
    chain_ = read_certificates(certificate_text_);
    if (chain_.empty())
      return refuse("tls_cert", files_.certificate,
                    "holds no certificate in PEM",
                    certificate_text_.find("PRIVATE KEY") != std::string::npos
                        ? "it is a key; are tls_cert and tls_key swapped?"
                        : "it must begin with -----BEGIN CERTIFICATE-----");
    auto reading = read_key(key_text);
    if (reading.encrypted)
      return refuse("tls_key", files_.key, "is encrypted with a passphrase",
                    "nobody could type it; take it off with \"openssl pkey -in "
                    "OLD -out NEW\"");
    if (!reading.key)
      return refuse("tls_key", files_.key, "holds no private key in PEM",
                    "it must begin with -----BEGIN PRIVATE KEY-----");
    key_ = std::move(reading.key);
    authorities_ = read_certificates(authority_text);
    if (authorities_.empty())
      return refuse("tls_ca", files_.authority, "holds no certificate in PEM",
                    "it must begin with -----BEGIN CERTIFICATE-----");
    return caf::none;
  }

  caf::error fit() {
    if (X509_check_private_key(chain_[0].get(), key_.get()) == 1)
      return caf::none;
    take_openssl_error();
    return refuse("tls_key", files_.key,
                  "does not fit the certificate \"" + files_.certificate + '"',
                  "name two files that were made together");
  }

  caf::error time() {
    auto x = chain_[0].get();
    std::time_t now = std::time(nullptr);
    if (X509_cmp_time(X509_get0_notAfter(x), &now) < 0)
      return refuse("tls_cert", files_.certificate,
                    "expired on "
                        + date_text(facts_of(certificate_text_)->ends_s),
                    renew);
    if (X509_cmp_time(X509_get0_notBefore(x), &now) > 0)
      return refuse("tls_cert", files_.certificate, "is not in force yet",
                    "is this machine's clock right?");
    return caf::none;
  }

  /// What OpenSSL's security level refuses, e.g. RSA keys under 2048 bits.
  caf::error strength() {
    context_.reset(SSL_CTX_new(TLS_method()));
    if (SSL_CTX_use_certificate(context_.get(), chain_[0].get()) == 1
        && SSL_CTX_use_PrivateKey(context_.get(), key_.get()) == 1)
      return caf::none;
    return refuse("tls_cert", files_.certificate,
                  "is refused by OpenSSL (" + take_openssl_error() + ')',
                  "use ECDSA P-256, or RSA with 2048 bits or more");
  }

  caf::error chain() {
    store_ptr trusted{X509_STORE_new()};
    for (auto& x : authorities_)
      X509_STORE_add_cert(trusted.get(), x.get());
    auto others = sk_X509_new_null();
    for (size_t i = 1; i < chain_.size(); ++i)
      sk_X509_push(others, chain_[i].get());
    caf::error result;
    for (auto purpose : {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT})
      if (!result)
        result = verify(trusted.get(), others, purpose);
    sk_X509_free(others);
    take_openssl_error();
    return result;
  }

  caf::error verify(X509_STORE* trusted, STACK_OF(X509) * others, int purpose) {
    store_context_ptr context{X509_STORE_CTX_new()};
    X509_STORE_CTX_init(context.get(), trusted, chain_[0].get(), others);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_VERIFY_PARAM_set_auth_level(
        X509_STORE_CTX_get0_param(context.get()),
        SSL_CTX_get_security_level(context_.get()));
    if (X509_verify_cert(context.get()) == 1)
      return caf::none;
    auto code = X509_STORE_CTX_get_error(context.get());
    auto depth = X509_STORE_CTX_get_error_depth(context.get());
    switch (code) {
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return refuse("tls_cert", files_.certificate,
                      "is not signed by an authority in tls_ca \""
                          + files_.authority + "\" (its issuer is \""
                          + facts_of(certificate_text_)->issuer + "\")",
                      "use the ca.pem that was made with it, the same one on "
                      "all nodes");
      case X509_V_ERR_CERT_HAS_EXPIRED:
        if (depth > 0)
          return refuse("tls_ca", files_.authority, "has expired",
                        "make a new authority in a new folder (\"tickerflow "
                        "certs --out DIR\") and new certificates by it");
        break;
      case X509_V_ERR_INVALID_PURPOSE:
        return refuse("tls_cert", files_.certificate,
                      purpose == X509_PURPOSE_SSL_SERVER
                          ? "may not be used by servers"
                          : "may not be used by clients",
                      "a node is both: its extended key usage needs serverAuth "
                      "and clientAuth");
      default: break;
    }
    return refuse("tls_cert", files_.certificate,
                  std::string{"does not verify ("}
                      + X509_verify_cert_error_string(code) + ')',
                  renew);
  }

  const certificate_files& files_;
  std::string certificate_text_;
  std::vector<x509_ptr> chain_;
  std::vector<x509_ptr> authorities_;
  key_ptr key_;
  ssl_context_ptr context_;
};

} // namespace

caf::expected<certificate_facts>
check_certificates(const certificate_files& files) {
  return checker{files}.run();
}

} // namespace tickerflow
