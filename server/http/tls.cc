#include "server/http/tls.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::http {
namespace {

using base::TlsPaths;
using base::TlsValidity;
using std::chrono::steady_clock;

// Those of TLS 1.2; TLS 1.3 has good ones only. The client chooses, since it
// knows whether it has AES in hardware.
constexpr char kCiphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kGroups[] = "X25519:P-256:P-384";
// In the form of ALPN: each name behind its length.
constexpr std::string_view kProtocols = "\x08http/1.1\x08http/1.0";
// Who steals the keys of the tickets can read what was recorded of the TLS 1.2
// sessions of that long.
constexpr std::chrono::hours kTicketKeysAgeMax{6};

// A certificate that nobody may take is not put in the place of another one.
absl::Status CheckValidity(const TlsPaths& paths, const TlsValidity& valid) {
  const Timestamp now =
      std::chrono::floor<Timestamp::duration>(std::chrono::system_clock::now());
  const bool early = now < valid.begins;
  if (!early && now < valid.ends) return absl::OkStatus();
  return absl::InvalidArgumentError(Concat(
      {paths.certificate,
       early ? ": is not valid before " : ": has expired: it was valid until ",
       FormatTimestamp(early ? valid.begins : valid.ends)}));
}

// RFC 7301: a client that offers protocols, and none of ours, is turned away.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size,
                   const unsigned char* offered, unsigned int offered_size,
                   void*) {
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(
      &found, size, reinterpret_cast<const unsigned char*>(kProtocols.data()),
      static_cast<unsigned int>(kProtocols.size()), offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// Null when memory has run out.
SSL_CTX* NewContext() {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set1_groups_list(context, kGroups);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Without AUTO_RETRY, a read of many records without content ends in
  // between, and other connections have their turn.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  return context;
}

void RenewTicketKeys(SSL_CTX* context) {
  const auto size = SSL_CTX_set_tlsext_ticket_keys(context, nullptr, 0);
  std::vector<unsigned char> keys(static_cast<std::size_t>(size));
  if (RAND_bytes(keys.data(), static_cast<int>(keys.size())) == 1) {
    SSL_CTX_set_tlsext_ticket_keys(context, keys.data(), size);
  }
  OPENSSL_cleanse(keys.data(), keys.size());
}

// A BIO on a socket. OpenSSL's own one would be answered by SIGPIPE where the
// peer has gone. Its data is a TlsSocket.

TlsSocket& SocketOf(BIO* bio) {
  return *static_cast<TlsSocket*>(BIO_get_data(bio));
}

bool IsTemporary(int error) { return error == EAGAIN || error == EINTR; }

int WriteToSocket(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(SocketOf(bio).descriptor, bytes,
                              static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && IsTemporary(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

// Of TLS 1.2 the first message is looked at, since what follows has a bound
// of OpenSSL's own and is not plain to its end.
bool IsGated(const SSL* session) {
  return SSL_is_init_finished(session) == 0 &&
         SSL_version(session) != TLS1_2_VERSION;
}

int ReadFromSocket(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  TlsSocket& socket = SocketOf(bio);
  const ssize_t received =
      ::recv(socket.descriptor, bytes, static_cast<std::size_t>(size), 0);
  if (received < 0 && IsTemporary(errno)) BIO_set_retry_read(bio);
  if (received > 0 && IsGated(socket.session) &&
      !socket.gate.Pass({bytes, static_cast<std::size_t>(received)})) {
    return -1;
  }
  return static_cast<int>(received);
}

// NOLINTNEXTLINE(google-runtime-int): OpenSSL's own type.
long ControlSocket(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

std::shared_ptr<const BIO_METHOD> NewSocketMethod() {
  BIO_METHOD* const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket");
  if (method == nullptr) return nullptr;
  BIO_meth_set_write(method, WriteToSocket);
  BIO_meth_set_read(method, ReadFromSocket);
  BIO_meth_set_ctrl(method, ControlSocket);
  return {method, BIO_meth_free};
}

}  // namespace

void TlsSession::Deleter::operator()(SSL* session) const { SSL_free(session); }

void TlsContext::Deleter::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

TlsSession::TlsSession(std::unique_ptr<SSL, Deleter> session, int descriptor,
                       std::shared_ptr<const BIO_METHOD> socket_method)
    : socket_method_(std::move(socket_method)),
      session_(std::move(session)),
      socket_{.descriptor = descriptor, .session = session_.get()} {}

TlsSession::~TlsSession() = default;

bool TlsSession::UseSocket() {
  BIO* const bio = BIO_new(socket_method_.get());
  if (bio == nullptr) return false;
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);  // Takes the one reference for both.
  SSL_set_accept_state(session_.get());
  return true;
}

TlsSession::Outcome TlsSession::OutcomeOf(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_NONE:
      return Outcome::kDone;
    case SSL_ERROR_WANT_READ:
      return Outcome::kWantsRead;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::kWantsWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::kEnded;
    default:
      failed_ = true;
      ERR_clear_error();
      return Outcome::kFailed;
  }
}

TlsSession::Outcome TlsSession::Handshake() {
  ERR_clear_error();
  return OutcomeOf(SSL_do_handshake(session_.get()));
}

TlsSession::Outcome TlsSession::Read(std::span<char> area, std::size_t& size) {
  ERR_clear_error();
  return OutcomeOf(
      SSL_read_ex(session_.get(), area.data(), area.size(), &size));
}

TlsSession::Outcome TlsSession::Write(std::span<const char> bytes,
                                      std::size_t& size) {
  size = 0;
  Outcome outcome = Outcome::kDone;
  while (outcome == Outcome::kDone && size < bytes.size()) {
    std::size_t written = 0;  // Of one record.
    ERR_clear_error();
    outcome = OutcomeOf(SSL_write_ex(session_.get(), bytes.data() + size,
                                     bytes.size() - size, &written));
    size += written;
  }
  return outcome;
}

bool TlsSession::HasPending() const { return SSL_pending(session_.get()) > 0; }

void TlsSession::ShutdownSend() {
  if (failed_ || SSL_is_init_finished(session_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Create(TlsPaths paths) {
  TUCO_ASSIGN_OR_RETURN(Loaded loaded, Load(paths));
  std::unique_ptr<TlsContext> context(
      new TlsContext(std::move(paths), std::move(loaded)));
  if (context->socket_method_ == nullptr) {
    return absl::ResourceExhaustedError("no memory for TLS");
  }
  return context;
}

TlsContext::TlsContext(TlsPaths paths, Loaded loaded)
    : paths_(std::move(paths)),
      socket_method_(NewSocketMethod()),
      loaded_(std::move(loaded)) {}

TlsContext::~TlsContext() = default;

absl::StatusOr<TlsContext::Loaded> TlsContext::Load(const TlsPaths& paths) {
  Loaded loaded{.context = ContextPtr(NewContext()),
                .valid = {},
                .ticket_keys_made = steady_clock::now()};
  if (loaded.context == nullptr) {
    return absl::ResourceExhaustedError("no memory for TLS");
  }
  TUCO_ASSIGN_OR_RETURN(loaded.valid, base::UseTlsPair(paths, *loaded.context));
  return loaded;
}

absl::Status TlsContext::Reload() {
  TUCO_ASSIGN_OR_RETURN(Loaded loaded, Load(paths_));
  TUCO_RETURN_IF_ERROR(CheckValidity(paths_, loaded.valid));
  const std::lock_guard lock(mutex_);
  std::swap(loaded_, loaded);
  return absl::OkStatus();
}

Timestamp TlsContext::expires_at() const {
  const std::lock_guard lock(mutex_);
  return loaded_.valid.ends;
}

std::unique_ptr<TlsSession> TlsContext::NewSession(int descriptor) {
  const std::lock_guard lock(mutex_);
  const auto now = steady_clock::now();
  if (now - loaded_.ticket_keys_made >= kTicketKeysAgeMax) {
    RenewTicketKeys(loaded_.context.get());
    loaded_.ticket_keys_made = now;
  }
  std::unique_ptr<SSL, TlsSession::Deleter> ssl(SSL_new(loaded_.context.get()));
  if (ssl == nullptr) return nullptr;
  std::unique_ptr<TlsSession> session(
      new TlsSession(std::move(ssl), descriptor, socket_method_));
  return session->UseSocket() ? std::move(session) : nullptr;
}

}  // namespace tuco::http
