#pragma once

#include "io/certificates/certificate.hpp"
#include "io/certificates/pem_file.hpp"

namespace tickerflow {

/// Checks all that another node would, with what this one would show: that the
/// files can be read and are PEM, that the key fits the certificate, that the
/// certificate is signed by an authority that is trusted, is in force, and may
/// be used at both ends of a connection.
///
/// Errors  bad_setting: which setting, what is wrong with it, what to do
caf::expected<certificate_facts>
check_certificates(const certificate_files& files);

} // namespace tickerflow
