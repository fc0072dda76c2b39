#pragma once

#include "io/certificates/certificate.hpp"
#include "io/certificates/pem_file.hpp"

namespace tickerflow {

/// A folder with a private authority (ca.pem, ca-key.pem) and the certificates
/// that it issued (NAME.pem, NAME-key.pem).
class certificate_folder {
public:
  /// Uses the authority that is there, or makes one if there is none, and the
  /// folder too, for its owner only.
  /// Errors  bad_setting: half of an authority, or one that has expired;
  ///         unavailable: the folder cannot be made or written
  static caf::expected<certificate_folder> open(const std::string& path);

  /// @returns whether the authority was made by open()
  bool made_authority() const { return made_; }

  std::string authority_file() const { return path_ + "/ca.pem"; }
  std::string authority_key_file() const { return path_ + "/ca-key.pem"; }

  /// @returns which of NAME.pem and NAME-key.pem is there, empty if none is
  std::string existing_file(const std::string& name) const;

  /// Issues a certificate for a node.
  /// @param x.name also the files' name: see is_node_name()
  /// Errors  bad_request: it is there already; bad_setting: a name or host
  ///         that cannot stand in a certificate; unavailable: as open()
  caf::expected<certificate_files> issue(const certificate_request& x,
                                         bool replace) const;

private:
  std::string path_;
  certified_key authority_;
  bool made_ = false;
};

/// @returns whether it can name a node's files: letters, digits, ".", "_", "-",
///          and not taken by the authority or another node's key
bool is_node_name(const std::string& x);

} // namespace tickerflow
