// Certificates that are made for a test, and a client that speaks TLS.

#ifndef TUCO_TESTS_SERVER_HTTP_TLS_CLIENT_H_
#define TUCO_TESTS_SERVER_HTTP_TLS_CLIENT_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "server/base/net_address.h"
#include "server/http/tls.h"

namespace tuco::http {

struct CertificateSpec {
  std::string name = "localhost";       // Its subject, and of the files.
  std::chrono::seconds begins{-3'600};  // From now.
  std::chrono::seconds expires{86'400};
};

// Writes `folder`/NAME.pem and NAME.key: a certificate that signs itself, on a
// key of its own.
base::TlsPaths MakeCertificate(const std::string& folder,
                               const CertificateSpec& spec = {});

// What a client offers.
struct TlsOffer {
  int version_min = 0;  // Such as 0x0303 for TLS 1.2; 0: any.
  int version_max = 0;
  std::string protocols{};  // As ALPN has them; empty: no ALPN.
  std::string before{};     // Bytes that are sent before the handshake.
};

// A blocking client that believes every certificate, and gives up after
// kPatience.
class TlsClient {
 public:
  // Connects, and shakes hands; resumes the session of `before`, if given.
  explicit TlsClient(const base::NetAddress& address,
                     const TlsOffer& offer = {},
                     const TlsClient* before = nullptr);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const;
  std::string version() const;   // `TLSv1.3`
  std::string protocol() const;  // ALPN's choice, or empty.
  std::string peer_name() const;
  bool resumed() const;

  // Whether everything went out; each call is at least one record.
  bool Send(std::string_view bytes);
  // What comes until there are `size` bytes, or the peer ends.
  std::string Receive(std::size_t size);
  // What comes until the peer ends.
  std::string ReceiveAll();
  // Whether the peer's end came in order, announced by TLS.
  bool ended_in_order() const { return ended_in_order_; }
  // Asks for another handshake, which TLS 1.2 has; whether there was one.
  bool Renegotiate();
  // Ends the sending in order, and goes on to read.
  void CloseSending();

 private:
  struct Parts;

  const std::unique_ptr<Parts> parts_;
  bool ended_in_order_ = false;
};

}  // namespace tuco::http

#endif  // TUCO_TESTS_SERVER_HTTP_TLS_CLIENT_H_
