#pragma once

#include <string>
#include <vector>

namespace tickerflow {

struct postgres_settings;

/// @returns whether the text looks like a connection string of libpq: a
///          postgresql:// URL, or key=value pairs
bool is_dsn(const std::string& text);

/// @returns the passwords in a connection string as they stand there and,
///          in a URL, decoded too
std::vector<std::string> passwords_in(const std::string& dsn);

/// Replaces each password by "***". Works on URLs of any scheme too, and masks
/// all of a text that it cannot read but that names a password.
std::string mask_dsn(const std::string& dsn);

/// Adds the password if the connection string has none.
std::string with_password(const std::string& dsn, const std::string& password);

/// Adds a parameter to a connection string that is not empty.
std::string with_parameter(const std::string& dsn, const std::string& name,
                           const std::string& value);

/// Makes key=value pairs, quoted where needed, of host, port, user, ...
std::string make_dsn(const postgres_settings& x);

/// Encodes what a URL does not allow as %XX.
std::string url_encoded(const std::string& text);

} // namespace tickerflow
