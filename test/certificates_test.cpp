#define CAF_SUITE certificates

#include "io/certificates/certificate_check.hpp"
#include "io/certificates/certificate_folder.hpp"
#include "io/certificates/pem.hpp"
#include "messages/errc.hpp"

#include "caf/test/unit_test.hpp"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

using namespace tickerflow;

namespace {

struct fixture {
  fixture() {
    char name[] = "/tmp/tickerflow_certificates_XXXXXX";
    folder = ::mkdtemp(name);
  }

  ~fixture() { std::filesystem::remove_all(folder); }

  std::string path(const std::string& name) const {
    return (folder / name).string();
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{folder / name} << text;
    return path(name);
  }

  /// Files of a node of its own authority, in a folder of that name.
  certificate_files node(const std::string& name, int days = 365) const {
    auto made = certificate_folder::open(path(name));
    CAF_REQUIRE(made);
    auto result = made->issue({name, {"127.0.0.1"}, days}, false);
    CAF_REQUIRE(result);
    return *result;
  }

  std::filesystem::path folder;
};

std::string read(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

unsigned mode_of(const std::string& path) {
  struct stat x {};
  CAF_REQUIRE_EQUAL(::stat(path.c_str(), &x), 0);
  return x.st_mode & 0777;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string fault_of(const certificate_files& files) {
  auto result = check_certificates(files);
  return result ? "no fault" : text_of(result.error());
}

void check_contains(const std::string& text, const std::string& part) {
  if (!contains(text, part))
    CAF_MESSAGE("\"" << part << "\" is not in: " << text);
  CAF_CHECK(contains(text, part));
}

/// A certificate as other tools make them.
certified_key foreign_certificate(const certified_key& authority, EVP_PKEY* key,
                                  const char* usage) {
  auto ca = std::move(read_certificates(authority.certificate)[0]);
  auto signer = read_key(authority.key);
  x509_ptr x{X509_new()};
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x.get()), 7);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), 3600);
  X509_set_pubkey(x.get(), key);
  X509_set_issuer_name(x.get(), X509_get_subject_name(ca.get()));
  auto extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_ext_key_usage, usage);
  X509_add_ext(x.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(x.get(), signer.key.get(), EVP_sha256());
  bio_ptr memory{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(memory.get(), x.get());
  PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr,
                           nullptr);
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(memory.get(), &bytes);
  std::string both{bytes, static_cast<size_t>(size)};
  auto middle = both.find("-----BEGIN PRIVATE");
  return {both.substr(0, middle), both.substr(middle)};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(certificates_tests, fixture)

CAF_TEST(what is made here passes the check) {
  auto facts = check_certificates(node("w1", 30));
  CAF_REQUIRE(facts);
  CAF_CHECK_EQUAL(facts->name, "w1");
  CAF_CHECK_EQUAL(facts->issuer, "Tickerflow authority");
  CAF_CHECK(!facts->is_authority);
  auto days_left =
      static_cast<double>(facts->ends_s - std::time(nullptr)) / (24 * 60 * 60);
  CAF_CHECK(days_left > 29.9 && days_left < 30.1);
}

CAF_TEST(keys are readable by their owner only) {
  auto files = node("w1");
  CAF_CHECK_EQUAL(mode_of(path("w1")), 0700u);
  CAF_CHECK_EQUAL(mode_of(files.key), 0600u);
  CAF_CHECK_EQUAL(mode_of(path("w1/ca-key.pem")), 0600u);
  CAF_CHECK_EQUAL(mode_of(files.certificate), 0644u);
  CAF_CHECK_EQUAL(mode_of(files.authority), 0644u);
}

CAF_TEST(the authority is made once and kept) {
  auto first = certificate_folder::open(path("x"));
  CAF_REQUIRE(first);
  CAF_CHECK(first->made_authority());
  auto text = read(path("x/ca.pem"));
  auto second = certificate_folder::open(path("x"));
  CAF_REQUIRE(second);
  CAF_CHECK(!second->made_authority());
  CAF_CHECK_EQUAL(read(path("x/ca.pem")), text);
  auto one = first->issue({"one", {}, 1}, false);
  auto two = second->issue({"two", {}, 1}, false);
  CAF_REQUIRE(one && two);
  CAF_CHECK(check_certificates(*one));
  CAF_CHECK(check_certificates(*two));
}

CAF_TEST(what is there is replaced only when asked to) {
  auto files = node("w1");
  auto key = read(files.key);
  auto uut = certificate_folder::open(path("w1"));
  CAF_REQUIRE(uut);
  auto refused = uut->issue({"w1", {}, 1}, false);
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == errc::bad_request);
  CAF_CHECK_EQUAL(read(files.key), key);
  std::filesystem::remove(files.certificate); // the key alone is enough
  CAF_CHECK(!uut->issue({"w1", {}, 1}, false));
  CAF_CHECK_EQUAL(read(files.key), key);
  CAF_REQUIRE(uut->issue({"w1", {}, 1}, true));
  CAF_CHECK_NOT_EQUAL(read(files.key), key);
  CAF_CHECK(check_certificates(files));
}

CAF_TEST(half an authority is not completed) {
  node("x");
  std::filesystem::remove(path("x/ca-key.pem"));
  auto uut = certificate_folder::open(path("x"));
  CAF_REQUIRE(!uut);
  check_contains(text_of(uut.error()), "ca-key.pem cannot be read");
  CAF_CHECK(!std::filesystem::exists(path("x/ca-key.pem")));
}

CAF_TEST(a certificate ends with its authority) {
  auto authority = make_authority("short", 10);
  CAF_REQUIRE(authority);
  auto x = issue_certificate(*authority, {"w1", {}, 365});
  CAF_REQUIRE(x);
  auto facts = facts_of(x->certificate);
  auto limit = facts_of(authority->certificate);
  CAF_REQUIRE(facts && limit);
  CAF_CHECK_EQUAL(facts->ends_s, limit->ends_s);
}

CAF_TEST(hosts stand in the certificate and nothing can be smuggled in) {
  auto authority = make_authority("x", 10);
  CAF_REQUIRE(authority);
  auto made = issue_certificate(*authority,
                                {"w1", {"w1.lan", "10.0.0.7", "fd00::7"}, 1});
  CAF_REQUIRE(made);
  auto x = std::move(read_certificates(made->certificate)[0]);
  CAF_CHECK_EQUAL(X509_check_host(x.get(), "w1.lan", 0, 0, nullptr), 1);
  CAF_CHECK_EQUAL(X509_check_ip_asc(x.get(), "10.0.0.7", 0), 1);
  CAF_CHECK_EQUAL(X509_check_ip_asc(x.get(), "fd00::7", 0), 1);
  CAF_CHECK_EQUAL(X509_check_host(x.get(), "w2.lan", 0, 0, nullptr), 0);
  for (auto host : {"a,DNS:b", "@section", "", "a b", "-x"})
    CAF_CHECK(!issue_certificate(*authority, {"w1", {host}, 1}));
}

CAF_TEST(node names are those that are safe as files) {
  for (auto x : {"w1", "worker-1.lan", "A_b"})
    CAF_CHECK(is_node_name(x));
  for (auto x : {"", "ca", "w1-key", ".x", "a/b", "..", "a b", "-x"})
    CAF_CHECK(!is_node_name(x));
}

CAF_TEST(a missing or unreadable file is named with its setting) {
  auto files = node("w1");
  files.key = path("none.pem");
  check_contains(fault_of(files),
                 "tls_key \"" + files.key + "\" cannot be read: No such file");
  files = node("w2");
  files.authority = path("w2");
  check_contains(fault_of(files), "tls_ca");
  check_contains(fault_of(files), "is a folder");
}

CAF_TEST(files that are no PEM are told and swapped ones recognised) {
  auto files = node("w1");
  auto good = files;
  files.certificate = write("text", "no PEM");
  check_contains(fault_of(files), "holds no certificate in PEM");
  files = good;
  files.key = write("empty", "");
  check_contains(fault_of(files), "holds no private key in PEM");
  files = good;
  std::swap(files.certificate, files.key);
  check_contains(fault_of(files), "swapped");
}

CAF_TEST(an encrypted key is refused without asking for its passphrase) {
  auto files = node("w1");
  auto key = read_key(read(files.key));
  bio_ptr memory{BIO_new(BIO_s_mem())};
  unsigned char passphrase[] = "secret";
  PEM_write_bio_PrivateKey(memory.get(), key.key.get(), EVP_aes_128_cbc(),
                           passphrase, 6, nullptr, nullptr);
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(memory.get(), &bytes);
  files.key = write("locked", {bytes, static_cast<size_t>(size)});
  check_contains(fault_of(files), "is encrypted with a passphrase");
}

CAF_TEST(a key of another node is refused) {
  auto files = node("w1");
  files.key = node("w2").key;
  check_contains(fault_of(files), "does not fit the certificate");
}

CAF_TEST(a certificate of another authority is refused) {
  // Both authorities have the same name: only the signature tells.
  auto files = node("w1");
  files.authority = node("w2").authority;
  check_contains(fault_of(files), "is not signed by an authority in tls_ca");
}

CAF_TEST(one of several authorities is enough) {
  auto files = node("w1");
  files.authority =
      write("both.pem", read(node("w2").authority) + read(files.authority));
  CAF_CHECK_EQUAL(fault_of(files), "no fault");
}

CAF_TEST(an expired certificate and an expired authority are told apart) {
  auto authority = make_authority("x", 10);
  auto old = make_authority("old", -1);
  CAF_REQUIRE(authority && old);
  auto files_of = [&](const certified_key& ca, int days) {
    auto x = issue_certificate(ca, {"w1", {}, days});
    CAF_REQUIRE(x);
    return certificate_files{write("cert.pem", x->certificate),
                             write("key.pem", x->key),
                             write("ca.pem", ca.certificate)};
  };
  check_contains(fault_of(files_of(*authority, -1)), "expired on 20");
  check_contains(fault_of(files_of(*authority, -1)), "tls_cert");
  // By an authority that has expired since.
  key_ptr key{EVP_EC_gen("P-256")};
  auto x = foreign_certificate(*old, key.get(), "serverAuth,clientAuth");
  check_contains(
      fault_of({write("cert.pem", x.certificate), write("key.pem", x.key),
                write("ca.pem", old->certificate)}),
      "tls_ca \"" + path("ca.pem") + "\" has expired");
}

CAF_TEST(a certificate for one side only or with a weak key is refused) {
  auto authority = make_authority("x", 10);
  CAF_REQUIRE(authority);
  auto fault = [&](EVP_PKEY* key, const char* usage) {
    auto x = foreign_certificate(*authority, key, usage);
    return fault_of({write("cert.pem", x.certificate), write("key.pem", x.key),
                     write("ca.pem", authority->certificate)});
  };
  key_ptr strong{EVP_EC_gen("P-256")};
  key_ptr rsa{EVP_RSA_gen(2048)};
  key_ptr weak{EVP_RSA_gen(1024)};
  check_contains(fault(strong.get(), "serverAuth"), "used by clients");
  check_contains(fault(strong.get(), "clientAuth"), "used by servers");
  check_contains(fault(weak.get(), "serverAuth,clientAuth"), "too small");
  CAF_CHECK_EQUAL(fault(rsa.get(), "serverAuth,clientAuth"), "no fault");
}

CAF_TEST_FIXTURE_SCOPE_END()
