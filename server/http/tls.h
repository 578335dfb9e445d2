// TLS as the ingress serves it, on the distribution's OpenSSL.
//
// OpenSSL and BoringSSL have the same names: no file may see both.
//
// A session works on the connection's own socket, without buffers between
// them: an idle one holds neither a record that comes nor one that goes, so
// that thousands of them are affordable.
//
// TLS 1.2 and 1.3, with ciphers that have forward secrecy and authenticate;
// ALPN chooses http/1.1; no renegotiation, no compression, no early data.
// Sessions are resumed by tickets alone, whose keys do not get old.

#ifndef TUCO_SERVER_HTTP_TLS_H_
#define TUCO_SERVER_HTTP_TLS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/tls_files.h"
#include "server/http/hello_gate.h"

struct bio_method_st;
struct ssl_ctx_st;
struct ssl_st;

namespace tuco::http {

// What a session knows of its socket.
struct TlsSocket {
  int descriptor;
  ssl_st* session;
  HelloGate gate{};
};

// The server's side of one connection. Nothing here waits: what cannot go on
// says what it waits for, and is called again, with the same bytes, when the
// socket is ready for that. One thread at a time.
class TlsSession {
 public:
  enum class Outcome : std::uint8_t {
    kDone,
    kWantsRead,
    kWantsWrite,
    kEnded,   // The peer has said that it sends nothing more.
    kFailed,  // The connection is of no use any more.
  };

  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Outcome Handshake();
  // Into the beginning of `area`; kDone: `size` bytes, at least one.
  Outcome Read(std::span<char> area, std::size_t& size);
  // `size` bytes from the beginning of `bytes` are on their way, even where
  // the rest has to wait.
  Outcome Write(std::span<const char> bytes, std::size_t& size);
  // Whether Read gives something without a look at the socket.
  bool HasPending() const;
  // Tells the peer that nothing more comes, as far as the socket takes it.
  void ShutdownSend();

 private:
  friend class TlsContext;
  struct Deleter {
    void operator()(ssl_st* session) const;
  };

  TlsSession(std::unique_ptr<ssl_st, Deleter> session, int descriptor,
             std::shared_ptr<const bio_method_st> socket_method);
  // Whether there was memory for it.
  bool UseSocket();
  Outcome OutcomeOf(int result);

  // Shared by all sessions: whoever comes last frees it.
  const std::shared_ptr<const bio_method_st> socket_method_;
  const std::unique_ptr<ssl_st, Deleter> session_;
  TlsSocket socket_;
  bool failed_ = false;
};

// The certificate of a server, and how it speaks TLS. Safe for concurrent use
// but for NewSession.
class TlsContext {
 public:
  // The codes of base::ReadTlsFiles. A certificate that has expired is taken: a
  // client that does not look loses nothing then.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Create(
      base::TlsPaths paths);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Reads the files again. Handshakes that begin from then on use what is in
  // them; open sessions go on as they are. The status of Create, or
  // InvalidArgument for a certificate that is not valid now, and then the
  // certificate stays what it was.
  absl::Status Reload();

  // When the certificate expires.
  Timestamp expires_at() const;

  // A session on a socket that does not block and that must outlive it; null
  // when memory has run out. One thread at a time, the one that uses the
  // sessions.
  std::unique_ptr<TlsSession> NewSession(int descriptor);

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
  };
  using ContextPtr = std::unique_ptr<ssl_ctx_st, Deleter>;
  // What was read from the files.
  struct Loaded {
    ContextPtr context;
    base::TlsValidity valid;
    std::chrono::steady_clock::time_point ticket_keys_made;
  };

  TlsContext(base::TlsPaths paths, Loaded loaded);
  static absl::StatusOr<Loaded> Load(const base::TlsPaths& paths);

  const base::TlsPaths paths_;
  const std::shared_ptr<const bio_method_st> socket_method_;
  mutable std::mutex mutex_;
  Loaded loaded_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_TLS_H_
