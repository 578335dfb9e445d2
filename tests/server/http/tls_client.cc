#include "tests/server/http/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "tests/server/http/server_fixture.h"

namespace tuco::http {
namespace {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using FilePtr = std::unique_ptr<std::FILE, FreeWith<std::fclose>>;

void Demand(bool condition) {
  if (!condition) std::abort();
}

CertificatePtr SelfSigned(const CertificateSpec& spec, EVP_PKEY* key) {
  CertificatePtr certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), spec.begins.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), spec.expires.count());
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(spec.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  Demand(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

int ConnectTo(const base::NetAddress& address) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof(patience));
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience,
               sizeof(patience));
  const int on = 1;  // Each record at once.
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(address.port);
  Demand(::connect(descriptor, reinterpret_cast<sockaddr*>(&name),
                   sizeof(name)) == 0);
  return descriptor;
}

}  // namespace

base::TlsPaths MakeCertificate(const std::string& folder,
                               const CertificateSpec& spec) {
  base::TlsPaths files{.certificate = folder + "/" + spec.name + ".pem",
                       .key = folder + "/" + spec.name + ".key"};
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate = SelfSigned(spec, key.get());
  const FilePtr certificate_file(std::fopen(files.certificate.c_str(), "w"));
  const FilePtr key_file(std::fopen(files.key.c_str(), "w"));
  Demand(PEM_write_X509(certificate_file.get(), certificate.get()) == 1);
  Demand(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0,
                              nullptr, nullptr) == 1);
  return files;
}

struct TlsClient::Parts {
  int descriptor = -1;
  std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>> context;
  std::unique_ptr<SSL, FreeWith<SSL_free>> session;
  bool connected = false;
};

TlsClient::TlsClient(const base::NetAddress& address, const TlsOffer& offer,
                     const TlsClient* before)
    : parts_(std::make_unique<Parts>()) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes as it likes.
  parts_->descriptor = ConnectTo(address);
  Demand(::send(parts_->descriptor, offer.before.data(), offer.before.size(),
                MSG_NOSIGNAL) == static_cast<ssize_t>(offer.before.size()));
  parts_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = parts_->context.get();
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context, offer.version_min);
  SSL_CTX_set_max_proto_version(context, offer.version_max);
  SSL_CTX_set_alpn_protos(
      context, reinterpret_cast<const unsigned char*>(offer.protocols.data()),
      static_cast<unsigned int>(offer.protocols.size()));
  parts_->session.reset(SSL_new(context));
  SSL* const session = parts_->session.get();
  if (before != nullptr) {
    SSL_set_session(session, SSL_get0_session(before->parts_->session.get()));
  }
  SSL_set_fd(session, parts_->descriptor);
  parts_->connected = SSL_connect(session) == 1;
}

TlsClient::~TlsClient() { ::close(parts_->descriptor); }

bool TlsClient::connected() const { return parts_->connected; }

std::string TlsClient::version() const {
  return SSL_get_version(parts_->session.get());
}

std::string TlsClient::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(parts_->session.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

std::string TlsClient::peer_name() const {
  const CertificatePtr certificate(
      SSL_get1_peer_certificate(parts_->session.get()));
  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()),
                            NID_commonName, name.data(), name.size());
  return name.data();
}

bool TlsClient::resumed() const {
  return SSL_session_reused(parts_->session.get()) == 1;
}

bool TlsClient::Send(std::string_view bytes) {
  return SSL_write(parts_->session.get(), bytes.data(),
                   static_cast<int>(bytes.size())) > 0;
}

std::string TlsClient::Receive(std::size_t size) {
  std::string received;
  std::array<char, 16UL * 1024> piece;
  while (received.size() < size) {
    const int wanted =
        static_cast<int>(std::min(piece.size(), size - received.size()));
    const int got = SSL_read(parts_->session.get(), piece.data(), wanted);
    if (got <= 0) {
      ended_in_order_ =
          SSL_get_error(parts_->session.get(), got) == SSL_ERROR_ZERO_RETURN;
      break;
    }
    received.append(piece.data(), static_cast<std::size_t>(got));
  }
  return received;
}

std::string TlsClient::ReceiveAll() { return Receive(std::string::npos); }

bool TlsClient::Renegotiate() {
  SSL* const session = parts_->session.get();
  return SSL_renegotiate(session) == 1 && SSL_do_handshake(session) == 1 &&
         Send("GET /again HTTP/1.1\r\nHost: h\r\n\r\n") && !Receive(1).empty();
}

void TlsClient::CloseSending() { SSL_shutdown(parts_->session.get()); }

}  // namespace tuco::http
