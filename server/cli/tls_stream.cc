#include "server/cli/tls_stream.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "server/base/status_macros.h"
#include "server/base/tls_files.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

absl::Status NoMemory() { return absl::ResourceExhaustedError("no memory"); }

bool IsAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// Whether the certificate will have to be for `host`.
bool Expect(SSL* session, const std::string& host) {
  if (!IsAddress(host)) {
    return SSL_set1_host(session, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(session, host.c_str()) == 1;
  }
  return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) ==
         1;
}

// The reason of OpenSSL's first error, which ends here.
std::string TakeReason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "the connection was closed" : reason;
}

// Whether a signal came before anything else did.
bool IsInterrupted(const SSL* session, int result) {
  if (errno != EINTR) return false;
  const int error = SSL_get_error(session, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

// What `call` returns once no signal has come in between; the errors that are
// left are those of that call.
template <typename Call>
int Complete(const SSL* session, Call call) {
  int result = 0;
  do {
    ERR_clear_error();
    errno = 0;
    result = call();
  } while (result != 1 && IsInterrupted(session, result));
  return result;
}

// Why a call that returned `result` has come to nothing.
absl::Status Broken(const SSL* session, int result) {
  const int system = errno;
  switch (SSL_get_error(session, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return absl::DeadlineExceededError("no answer in time");
    case SSL_ERROR_SYSCALL:
      if (system == 0) break;
      return absl::UnavailableError(
          Concat({"connection broke: ", std::strerror(system)}));
    default:
      break;
  }
  return absl::UnavailableError(Concat({"connection broke: ", TakeReason()}));
}

absl::Status HandshakeFailed(const SSL* session, int result) {
  const auto verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return absl::FailedPreconditionError(
        Concat({"its certificate is not taken: ",
                X509_verify_cert_error_string(verified)}));
  }
  if (SSL_get_error(session, result) != SSL_ERROR_SSL) {
    return Broken(session, result);
  }
  return absl::FailedPreconditionError(
      Concat({"no TLS there: ", TakeReason()}));
}

}  // namespace

void TlsTrust::Deleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

absl::StatusOr<std::shared_ptr<const TlsTrust>> TlsTrust::Create(
    const std::string& authorities) {
  auto trust = std::make_shared<TlsTrust>();
  trust->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = trust->context_.get();
  if (context == nullptr) return NoMemory();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return std::shared_ptr<const TlsTrust>(std::move(trust));
  }
  // Says what is wrong with the file, where something is.
  TUCO_RETURN_IF_ERROR(
      base::ReadTlsFiles(
          {.certificate = {}, .key = {}, .authorities = authorities})
          .status());
  if (SSL_CTX_load_verify_file(context, authorities.c_str()) != 1) {
    return absl::InvalidArgumentError(
        Concat({authorities, ": ", TakeReason()}));
  }
  return std::shared_ptr<const TlsTrust>(std::move(trust));
}

void TlsStream::Deleter::operator()(ssl_st* session) const {
  SSL_free(session);
}

absl::StatusOr<std::unique_ptr<TlsStream>> TlsStream::Connect(
    std::shared_ptr<const TlsTrust> trust, int fd, const std::string& host) {
  Session session(SSL_new(trust->context_.get()));
  if (session == nullptr || SSL_set_fd(session.get(), fd) != 1 ||
      !Expect(session.get(), host)) {
    return NoMemory();
  }
  const int result = Complete(
      session.get(), [&session] { return SSL_connect(session.get()); });
  if (result != 1) return HandshakeFailed(session.get(), result);
  return std::unique_ptr<TlsStream>(
      new TlsStream(std::move(trust), std::move(session)));
}

absl::Status TlsStream::Send(std::string_view bytes) {
  std::size_t sent = 0;
  const int result = Complete(session_.get(), [&] {
    return SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent);
  });
  return result == 1 ? absl::OkStatus() : Broken(session_.get(), result);
}

absl::StatusOr<std::size_t> TlsStream::Receive(std::span<char> buffer) {
  std::size_t received = 0;
  const int result = Complete(session_.get(), [&] {
    return SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &received);
  });
  if (result == 1) return received;
  if (SSL_get_error(session_.get(), result) == SSL_ERROR_ZERO_RETURN) return 0;
  return Broken(session_.get(), result);
}

}  // namespace tuco::cli
