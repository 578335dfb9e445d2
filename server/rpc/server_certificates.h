// The certificates that the gRPC server shows and takes.

#ifndef TUCO_SERVER_RPC_SERVER_CERTIFICATES_H_
#define TUCO_SERVER_RPC_SERVER_CERTIFICATES_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/tls_files.h"

namespace tuco::rpc {

// Safe for concurrent use.
class ServerCertificates {
 public:
  // The codes of base::ReadTlsFiles. A certificate that has expired, or will
  // within two weeks, is logged.
  static absl::StatusOr<std::unique_ptr<ServerCertificates>> Load(
      base::TlsPaths paths);

  // Reads the files again; new connections have what is in them then. After an
  // error they go on with what was there before.
  absl::Status Reload();

  // Whether a client must show a certificate.
  bool mutual() const { return !paths_.authorities.empty(); }

  struct Current {
    std::shared_ptr<const base::TlsFiles> files;  // Shared with handshakes.
    std::uint64_t version = 0;                    // Of Reloads, from 1.
  };
  Current current() const;

 private:
  explicit ServerCertificates(base::TlsPaths paths);

  const base::TlsPaths paths_;
  mutable std::mutex mutex_;
  Current current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_SERVER_CERTIFICATES_H_
