#pragma once

#include "io/certificates/pem_file.hpp"

namespace tickerflow::sim {

/// Makes a private authority and by it a certificate for localhost, 127.0.0.1
/// and ::1, both ECDSA P-256, the key readable by its owner only. What is there
/// already and good for another week is kept, so that clients need not learn a
/// new authority at each start.
/// @param folder made if it is missing
/// @throws std::runtime_error with the reason
certificate_files make_certificate(const std::string& folder);

} // namespace tickerflow::sim
