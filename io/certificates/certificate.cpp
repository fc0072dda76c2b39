#include "io/certificates/certificate.hpp"

#include "io/certificates/pem.hpp"
#include "messages/errc.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <stdexcept>

namespace tickerflow {

namespace {

constexpr std::int64_t day_s = 24 * 60 * 60;

/// Throws if OpenSSL itself is at its end, e.g. without memory; the exception
/// ends in this file.
template <class T>
T checked(T x, const char* what) {
  if (!x)
    throw std::runtime_error(std::string{"cannot make a certificate: "} + what
                             + ": " + take_openssl_error());
  return x;
}

void add_extension(X509* x, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  auto extension = checked(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), "extension");
  auto added = X509_add_ext(x, extension, -1);
  X509_EXTENSION_free(extension);
  checked(added, "extension");
}

std::int64_t seconds_of(const ASN1_TIME* x) {
  std::tm parts{};
  ASN1_TIME_to_tm(x, &parts);
  return ::timegm(&parts);
}

/// A certificate without issuer, extensions and signature.
x509_ptr begin_certificate(const std::string& name, EVP_PKEY* key,
                           std::int64_t ends_s) {
  x509_ptr x{checked(X509_new(), "certificate")};
  std::uint64_t serial = 0;
  checked(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial)
              == 1,
          "random number");
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x.get()), serial >> 1 | 1);
  // A day back, for machines whose clocks are behind.
  X509_gmtime_adj(X509_getm_notBefore(x.get()), -day_s);
  ASN1_TIME_set(X509_getm_notAfter(x.get()), ends_s);
  X509_set_pubkey(x.get(), key);
  auto add = [&](const char* field, const std::string& text) {
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(x.get()), field, MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size()), -1, 0);
  };
  add("O", "Tickerflow");
  add("CN", name);
  return x;
}

std::string text_in(BIO* memory) {
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

certified_key to_pem(X509* certificate, EVP_PKEY* key) {
  certified_key result;
  bio_ptr memory{checked(BIO_new(BIO_s_mem()), "memory")};
  checked(PEM_write_bio_X509(memory.get(), certificate), "PEM");
  result.certificate = text_in(memory.get());
  memory.reset(checked(BIO_new(BIO_s_mem()), "memory"));
  checked(PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0,
                                   nullptr, nullptr),
          "PEM");
  result.key = text_in(memory.get());
  return result;
}

bool is_host_name(const std::string& x) {
  return !x.empty() && x.size() <= 253 && x.front() != '.' && x.front() != '-'
         && std::all_of(x.begin(), x.end(), [](unsigned char c) {
              return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
            });
}

/// "IP:10.0.0.1" or "DNS:host"; OpenSSL reads the text as a list, so nothing
/// but plain names may go in.
std::optional<std::string> alternative_name(const std::string& host) {
  unsigned char address[16];
  if (::inet_pton(AF_INET, host.c_str(), address) == 1
      || ::inet_pton(AF_INET6, host.c_str(), address) == 1)
    return "IP:" + host;
  if (is_host_name(host))
    return "DNS:" + host;
  return std::nullopt;
}

caf::error check_name(const std::string& name) {
  if (!name.empty() && name.size() <= 64) // RFC 5280, ub-common-name
    return caf::none;
  return failure(errc::bad_setting, "\"" + name
                                        + "\" cannot be a certificate's name: "
                                          "it must have 1 to 64 bytes");
}

/// Turns what checked() throws into an error.
template <class Step>
caf::expected<certified_key> guarded(Step step) {
  try {
    return step();
  } catch (const std::exception& reason) {
    return failure(errc::unavailable, reason.what());
  }
}

certified_key make_it(const std::string& name, int days) {
  key_ptr key{checked(EVP_EC_gen("P-256"), "key")};
  auto made =
      begin_certificate(name, key.get(), std::time(nullptr) + days * day_s);
  auto ca = made.get();
  X509_set_issuer_name(ca, X509_get_subject_name(ca));
  add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(ca, ca, NID_subject_key_identifier, "hash");
  checked(X509_sign(ca, key.get(), EVP_sha256()), "signature");
  return to_pem(ca, key.get());
}

caf::expected<certified_key> issue_it(const certified_key& authority,
                                      const certificate_request& x) {
  std::string names;
  for (auto& host : x.hosts) {
    auto name = alternative_name(host);
    if (!name)
      return failure(errc::bad_setting,
                     "\"" + host + "\" is neither a host name nor an address");
    names += (names.empty() ? "" : ",") + *name;
  }
  auto issuers = read_certificates(authority.certificate);
  auto signer = read_key(authority.key);
  if (issuers.empty() || !signer.key
      || X509_check_private_key(issuers[0].get(), signer.key.get()) != 1)
    return failure(errc::bad_setting,
                   "the authority's certificate and key do not belong "
                   "together");
  auto ca = issuers[0].get();
  auto limit = seconds_of(X509_get0_notAfter(ca));
  auto ends = std::min(std::time(nullptr) + x.days * day_s, limit);
  key_ptr key{checked(EVP_EC_gen("P-256"), "key")};
  auto made = begin_certificate(x.name, key.get(), ends);
  auto node = made.get();
  X509_set_issuer_name(node, X509_get_subject_name(ca));
  add_extension(node, ca, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(node, ca, NID_key_usage, "critical,digitalSignature");
  add_extension(node, ca, NID_ext_key_usage, "serverAuth,clientAuth");
  add_extension(node, ca, NID_subject_key_identifier, "hash");
  add_extension(node, ca, NID_authority_key_identifier, "keyid");
  if (!names.empty())
    add_extension(node, ca, NID_subject_alt_name, names);
  checked(X509_sign(node, signer.key.get(), EVP_sha256()), "signature");
  return to_pem(node, key.get());
}

} // namespace

caf::expected<certified_key> make_authority(const std::string& name, int days) {
  if (auto error = check_name(name))
    return error;
  return guarded([&] { return make_it(name, days); });
}

caf::expected<certified_key> issue_certificate(const certified_key& authority,
                                               const certificate_request& x) {
  if (auto error = check_name(x.name))
    return error;
  return guarded([&] { return issue_it(authority, x); });
}

bool is_certificate_host(const std::string& x) {
  return alternative_name(x).has_value();
}

std::optional<certificate_facts> facts_of(const std::string& pem) {
  auto found = read_certificates(pem);
  if (found.empty())
    return std::nullopt;
  auto x = found[0].get();
  certificate_facts result;
  result.name = common_name(X509_get_subject_name(x));
  result.issuer = common_name(X509_get_issuer_name(x));
  result.ends_s = seconds_of(X509_get0_notAfter(x));
  result.is_authority = X509_check_ca(x) != 0;
  return result;
}

std::string date_text(std::int64_t utc_s) {
  std::tm parts{};
  std::time_t seconds = utc_s;
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

} // namespace tickerflow
