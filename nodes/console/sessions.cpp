#include "nodes/console/sessions.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace tickerflow::console {

const char* to_string(role x) {
  return x == role::operator_ ? "operator" : "viewer";
}

std::string random_text(int n) {
  constexpr char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
  std::vector<unsigned char> bytes(static_cast<std::size_t>(n));
  if (RAND_bytes(bytes.data(), n) != 1)
    throw std::runtime_error("there are no random numbers");
  std::string result;
  for (auto x : bytes)
    result += letters[x % 32];
  return result;
}

std::string digest_of(const std::string& x) {
  std::string result(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(x.data()), x.size(),
         reinterpret_cast<unsigned char*>(result.data()));
  return result;
}

bool same_secret(const std::string& x, const std::string& y) {
  auto a = digest_of(x);
  auto b = digest_of(y);
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string session_board::open(role who, time now) {
  auto id = random_text(40);
  session x;
  x.who = who;
  x.csrf = random_text(32);
  x.expires_at = now + lifetime;
  std::lock_guard guard{mutex_};
  for (auto i = sessions_.begin(); i != sessions_.end();)
    i = i->second.expires_at <= now ? sessions_.erase(i) : std::next(i);
  if (sessions_.size() >= most_)
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(), [](auto& a, auto& b) {
          return a.second.expires_at < b.second.expires_at;
        }));
  sessions_[digest_of(id)] = std::move(x);
  return id;
}

std::optional<session> session_board::find(const std::string& id, time now) {
  if (id.empty())
    return std::nullopt;
  std::lock_guard guard{mutex_};
  auto found = sessions_.find(digest_of(id));
  if (found == sessions_.end() || found->second.expires_at <= now)
    return std::nullopt;
  return found->second;
}

void session_board::close(const std::string& id) {
  std::lock_guard guard{mutex_};
  sessions_.erase(digest_of(id));
}

} // namespace tickerflow::console
