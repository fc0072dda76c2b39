#pragma once

#include <caf/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tickerflow {

/// A certificate and its private key, both in PEM.
struct certified_key {
  std::string certificate;
  std::string key; // secret
};

/// What a new certificate is to say.
struct certificate_request {
  std::string name;               // the common name
  std::vector<std::string> hosts; // names and IP addresses of its machine
  int days = 365;                 // from now, at most until its issuer's end
};

/// What can be read from a certificate.
struct certificate_facts {
  std::string name;        // the common name
  std::string issuer;      // the issuer's
  std::int64_t ends_s = 0; // UTC seconds
  bool is_authority = false;
};

/// Makes a private authority: a key (ECDSA P-256) and a certificate by itself
/// that may sign certificates of nodes, and no further authorities.
caf::expected<certified_key> make_authority(const std::string& name, int days);

/// Makes a key (ECDSA P-256) and a certificate for it that is good for both
/// ends of a connection.
/// Errors  bad_setting: a name or host that cannot stand in a certificate, an
///         authority that is not one or whose key does not fit
caf::expected<certified_key> issue_certificate(const certified_key& authority,
                                               const certificate_request& x);

/// @returns whether it can stand in a certificate: a host name or an address
bool is_certificate_host(const std::string& x);

/// @returns the facts of the first certificate of a PEM text, nothing if there
///          is none
std::optional<certificate_facts> facts_of(const std::string& pem);

/// @returns "2027-03-01 12:00 UTC"
std::string date_text(std::int64_t utc_s);

} // namespace tickerflow
