#include "server/rpc/tls_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace tuco::rpc {
namespace {

grpc_ssl_server_certificate_config* ToConfig(const base::TlsFiles& files) {
  const grpc_ssl_pem_key_cert_pair pair{files.key.c_str(),
                                        files.certificate.c_str()};
  // gRPC ends the process where there are no authorities, even if it asks no
  // client for a certificate: then any will do.
  const std::string& authorities =
      files.authorities.empty() ? files.certificate : files.authorities;
  return grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair,
                                                   1);
}

// gRPC has no C++ for certificates that change; its C asks for them at each
// handshake, on the thread that accepts, of which there is one (grpc_door.h).
class TlsCredentials final : public grpc::ServerCredentials {
 public:
  explicit TlsCredentials(const ServerCertificates& certificates)
      : certificates_(certificates),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                certificates.mutual()
                    ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                    : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
                &Fetch, this))) {}
  ~TlsCredentials() override { grpc_server_credentials_release(credentials_); }

  // Tokens are the service's own business.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/)
      override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<TlsCredentials*>(self)->Fetch(*config);
  }

  grpc_ssl_certificate_config_reload_status Fetch(
      grpc_ssl_server_certificate_config*& config) {
    const ServerCertificates::Current current = certificates_.current();
    if (given_.exchange(current.version) == current.version) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    config = ToConfig(*current.files);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const ServerCertificates& certificates_;
  std::atomic<std::uint64_t> given_ = 0;
  grpc_server_credentials* const credentials_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(
    const ServerCertificates& certificates) {
  return std::make_shared<TlsCredentials>(certificates);
}

}  // namespace tuco::rpc
