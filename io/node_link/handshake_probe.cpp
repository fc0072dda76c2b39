#include "io/node_link/handshake_probe.hpp"

#include "io/certificates/pem.hpp"
#include "io/reach/reach.hpp"

#include <openssl/err.h>

#include <csignal>
#include <ctime>

namespace tickerflow {

namespace {

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// OpenSSL writes without MSG_NOSIGNAL: a peer that hung up would end the
/// process.
class without_sigpipe {
public:
  without_sigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }

  ~without_sigpipe() {
    timespec no_wait{};
    sigtimedwait(&pipe_, nullptr, &no_wait); // takes what is pending by now
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  without_sigpipe(const without_sigpipe&) = delete;
  without_sigpipe& operator=(const without_sigpipe&) = delete;

private:
  sigset_t pipe_;
  sigset_t before_;
};

class probe {
public:
  probe(const endpoint& peer, const certificate_files& mine,
        std::chrono::milliseconds patience)
      : peer_(to_string(peer)), mine_(mine), encrypts_(!mine.key.empty()),
        found_(connect_to(peer, patience)) {}

  std::string run() {
    without_sigpipe guard;
    if (found_.fault != reach_fault::none)
      return found_.cause;
    ERR_clear_error();
    ssl_context_ptr context{SSL_CTX_new(TLS_client_method())};
    if (encrypts_ && !show(context.get()))
      return "this node's certificate cannot be used any more ("
             + take_openssl_error() + "): see tls_cert, tls_key and tls_ca";
    ssl_ptr session{SSL_new(context.get())};
    SSL_set_fd(session.get(), found_.socket.descriptor());
    auto connected = SSL_connect(session.get()) == 1;
    auto text = connected
                    ? encrypts_ ? refusal(session.get()) : should_encrypt()
                    : fault(session.get());
    ERR_clear_error();
    return text;
  }

private:
  bool show(SSL_CTX* context) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    return SSL_CTX_use_certificate_chain_file(context,
                                              mine_.certificate.c_str())
               == 1
           && SSL_CTX_use_PrivateKey_file(context, mine_.key.c_str(),
                                          SSL_FILETYPE_PEM)
                  == 1
           && SSL_CTX_load_verify_locations(context, mine_.authority.c_str(),
                                            nullptr)
                  == 1;
  }

  std::string should_encrypt() const {
    return "the links of " + peer_
           + " are encrypted and this node has no certificate: set tls_cert, "
             "tls_key and tls_ca (\"tickerflow certs\" makes them)";
  }

  std::string fault(SSL* session) const {
    auto verified = SSL_get_verify_result(session);
    if (verified != X509_V_OK)
      return "the certificate of " + peer_ + " is refused ("
             + X509_verify_cert_error_string(verified)
             + "): is it made by the authority in tls_ca \"" + mine_.authority
             + "\"?";
    auto reason = take_openssl_error();
    if (reason.empty())
      reason = "it says nothing";
    if (contains(reason, "alert"))
      return encrypts_ ? refused_by_peer(reason) : should_encrypt();
    if (!encrypts_)
      return peer_ + " does not greet as a node: is it a Tickerflow master?";
    return "the links of " + peer_ + " are not encrypted (" + reason
           + ") but this node's are: give the master tls_cert, tls_key and "
             "tls_ca too; or is another program there?";
  }

  /// A server of TLS 1.3 looks at our certificate after we are connected.
  std::string refusal(SSL* session) const {
    char byte = 0;
    if (SSL_read(session, &byte, 1) > 0)
      return "the connection broke; the next one may hold";
    auto reason = take_openssl_error();
    if (contains(reason, "alert"))
      return refused_by_peer(reason);
    return peer_ + " took this node's certificate and then hung up";
  }

  std::string refused_by_peer(const std::string& reason) const {
    auto text = peer_ + " refuses this node's certificate \""
                + mine_.certificate + "\" (" + reason + "): ";
    if (contains(reason, "expired"))
      return text + "make a new one (\"tickerflow certs --force NAME\")";
    return text
           + "use one that is made by the authority in the master's tls_ca";
  }

  std::string peer_;
  const certificate_files& mine_;
  bool encrypts_;
  reach found_;
};

} // namespace

std::string explain_handshake(const endpoint& peer,
                              const certificate_files& mine,
                              std::chrono::milliseconds patience) {
  return probe{peer, mine, patience}.run();
}

} // namespace tickerflow
