// How gRPC is told which certificates to show and to take.

#ifndef TUCO_SERVER_RPC_TLS_CREDENTIALS_H_
#define TUCO_SERVER_RPC_TLS_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "server/rpc/server_certificates.h"

namespace tuco::rpc {

// TLS 1.2 or later, with what `certificates` has at the time of a handshake;
// who shows no certificate of its authorities, where it has some, gets no
// further than that. `certificates` must outlive the server.
//
// Not grpc::experimental::TlsServerCredentials: in 1.51 a key that does not
// belong to its certificate ends all handshakes, where this keeps what it has.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(
    const ServerCertificates& certificates);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_TLS_CREDENTIALS_H_
