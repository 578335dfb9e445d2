// The certificates that the gRPC server shows and takes.

#ifndef TUCO_SERVER_RPC_SERVER_CERTIFICATES_H_
#define TUCO_SERVER_RPC_SERVER_CERTIFICATES_H_

#include <array>
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
  // Likewise if they changed since they were last read, or tried; logs what
  // came of it.
  void ReloadIfChanged();

  // Whether a client must show a certificate.
  bool mutual() const { return !paths_.authorities.empty(); }

  struct Current {
    std::shared_ptr<const base::TlsFiles> files;  // Shared with handshakes.
    std::uint64_t version = 0;                    // Of Reloads, from 1.
  };
  Current current() const;

 private:
  // What tells one content of a file from another without reading it.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 3>;

  explicit ServerCertificates(base::TlsPaths paths);

  static Stamp StampOf(const std::string& path);
  Stamps StampFiles() const;

  const base::TlsPaths paths_;
  std::mutex reloading_;
  Stamps stamps_ ABSL_GUARDED_BY(reloading_);
  mutable std::mutex mutex_;
  Current current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_SERVER_CERTIFICATES_H_
