#include "io/simulator/certificate.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

namespace tickerflow::sim {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using file_ptr = std::unique_ptr<std::FILE, freed_by<std::fclose>>;

constexpr long day_s = 24 * 60 * 60;
constexpr long authority_days = 3650;
constexpr long certificate_days = 800; // some clients refuse more than 825

template <class T>
T checked(T x, const char* what) {
  if (!x) {
    char reason[256];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    throw std::runtime_error(std::string{"cannot make a certificate: "} + what
                             + ": " + reason);
  }
  return x;
}

key_ptr make_key() { return key_ptr{checked(EVP_EC_gen("P-256"), "key")}; }

void add_extension(X509* x, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  auto extension =
      checked(X509V3_EXT_conf_nid(nullptr, &context, kind, value), "extension");
  auto added = X509_add_ext(x, extension, -1);
  X509_EXTENSION_free(extension);
  checked(added, "extension");
}

/// A certificate without extensions and signature.
x509_ptr begin_certificate(const char* name, EVP_PKEY* key, long days) {
  x509_ptr x{checked(X509_new(), "certificate")};
  std::uint64_t serial = 0;
  checked(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial)
              == 1,
          "random number");
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x.get()), serial >> 1 | 1);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), -day_s);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), days * day_s);
  X509_set_pubkey(x.get(), key);
  auto subject = X509_get_subject_name(x.get());
  X509_NAME_add_entry_by_txt(
      subject, "O", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("Tickerflow simulator"), -1, -1,
      0);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1,
                             -1, 0);
  return x;
}

template <class Write>
void write_pem(const std::string& path, int mode, Write write) {
  ::unlink(path.c_str()); // the mode is given to new files only
  auto descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, mode);
  file_ptr file{descriptor < 0 ? nullptr : ::fdopen(descriptor, "w")};
  if (!file || !write(file.get()) || std::fflush(file.get()) != 0)
    throw std::runtime_error("cannot write " + path
                             + ": no permission, or the disk is full");
}

void write_certificate(const std::string& path, X509* x) {
  write_pem(path, 0644, [x](std::FILE* f) { return PEM_write_X509(f, x); });
}

void write_key(const std::string& path, EVP_PKEY* key) {
  write_pem(path, 0600, [key](std::FILE* f) {
    return PEM_write_PrivateKey(f, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

x509_ptr read_certificate(const std::string& path) {
  file_ptr file{std::fopen(path.c_str(), "r")};
  return x509_ptr{file ? PEM_read_X509(file.get(), nullptr, nullptr, nullptr)
                       : nullptr};
}

key_ptr read_key(const std::string& path) {
  file_ptr file{std::fopen(path.c_str(), "r")};
  return key_ptr{
      file ? PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr)
           : nullptr};
}

/// @returns whether the files belong together and hold for a week
bool are_good(const certificate_files& files) {
  auto authority = read_certificate(files.authority);
  auto certificate = read_certificate(files.certificate);
  auto key = read_key(files.key);
  auto in_a_week = std::time(nullptr) + 7 * day_s;
  auto result =
      authority && certificate && key
      && X509_check_private_key(certificate.get(), key.get()) == 1
      && X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1
      && X509_cmp_time(X509_get0_notAfter(certificate.get()), &in_a_week) > 0
      && X509_cmp_time(X509_get0_notAfter(authority.get()), &in_a_week) > 0;
  ERR_clear_error();
  return result;
}

} // namespace

certificate_files make_certificate(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw std::runtime_error("cannot make the folder " + folder + ": "
                             + error.message());
  certificate_files files{folder + "/ca.pem", folder + "/server.pem",
                          folder + "/server-key.pem"};
  if (are_good(files))
    return files;

  auto authority_key = make_key();
  auto authority = begin_certificate("Tickerflow simulator authority",
                                     authority_key.get(), authority_days);
  auto ca = authority.get();
  X509_set_issuer_name(ca, X509_get_subject_name(ca));
  add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(ca, ca, NID_subject_key_identifier, "hash");
  checked(X509_sign(ca, authority_key.get(), EVP_sha256()), "signature");

  auto key = make_key();
  auto server = begin_certificate("localhost", key.get(), certificate_days);
  auto x = server.get();
  X509_set_issuer_name(x, X509_get_subject_name(ca));
  add_extension(x, ca, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(x, ca, NID_key_usage, "critical,digitalSignature");
  add_extension(x, ca, NID_ext_key_usage, "serverAuth");
  add_extension(x, ca, NID_subject_key_identifier, "hash");
  add_extension(x, ca, NID_authority_key_identifier, "keyid");
  add_extension(x, ca, NID_subject_alt_name,
                "DNS:localhost,IP:127.0.0.1,IP:::1");
  checked(X509_sign(x, authority_key.get(), EVP_sha256()), "signature");

  // The authority's key is not kept: it can sign nothing else, ever.
  write_certificate(files.authority, ca);
  write_certificate(files.certificate, x);
  write_key(files.key, key.get());
  return files;
}

} // namespace tickerflow::sim
