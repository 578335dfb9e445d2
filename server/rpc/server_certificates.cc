#include "server/rpc/server_certificates.h"

#include <chrono>
#include <string>
#include <utility>

#include "server/base/logging.h"
#include "server/base/status_macros.h"

namespace tuco::rpc {
namespace {

using base::Log;
using base::Severity;

constexpr std::chrono::days kWarnBefore{14};

void WarnOfEnd(const base::TlsPaths& paths, const base::TlsFiles& files) {
  if (!files.expires_at.has_value()) return;
  const auto left = *files.expires_at - std::chrono::system_clock::now();
  if (left > kWarnBefore) return;
  Log(Severity::kWarning,
      left.count() < 0 ? "the certificate has expired: gRPC clients refuse it"
                       : "the certificate expires within two weeks",
      {{"file", paths.certificate}});
}

}  // namespace

ServerCertificates::ServerCertificates(base::TlsPaths paths)
    : paths_(std::move(paths)) {}

absl::StatusOr<std::unique_ptr<ServerCertificates>> ServerCertificates::Load(
    base::TlsPaths paths) {
  std::unique_ptr<ServerCertificates> certificates(
      new ServerCertificates(std::move(paths)));
  TUCO_RETURN_IF_ERROR(certificates->Reload());
  return certificates;
}

absl::Status ServerCertificates::Reload() {
  TUCO_ASSIGN_OR_RETURN(base::TlsFiles files, base::ReadTlsFiles(paths_));
  WarnOfEnd(paths_, files);
  const std::lock_guard lock(mutex_);
  current_.files = std::make_shared<const base::TlsFiles>(std::move(files));
  ++current_.version;
  return absl::OkStatus();
}

ServerCertificates::Current ServerCertificates::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace tuco::rpc
