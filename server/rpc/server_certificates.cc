#include "server/rpc/server_certificates.h"

#include <sys/stat.h>

#include <chrono>
#include <string>
#include <utility>

#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

using base::Log;
using base::Severity;

constexpr std::chrono::days kWarnBefore{14};
constexpr std::int64_t kNanosOfSecond = 1'000'000'000;

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
  const std::lock_guard reloading(reloading_);
  // Before reading: what is written meanwhile is read the next time.
  stamps_ = StampFiles();
  TUCO_ASSIGN_OR_RETURN(base::TlsFiles files, base::ReadTlsFiles(paths_));
  WarnOfEnd(paths_, files);
  const std::lock_guard lock(mutex_);
  current_.files = std::make_shared<const base::TlsFiles>(std::move(files));
  ++current_.version;
  return absl::OkStatus();
}

void ServerCertificates::ReloadIfChanged() {
  {
    const std::lock_guard reloading(reloading_);
    if (StampFiles() == stamps_) return;
  }
  const absl::Status status = Reload();
  if (status.ok()) {
    Log(Severity::kInfo, "new certificates for gRPC",
        {{"file", paths_.certificate}});
  } else {
    Log(Severity::kError,
        "new certificates for gRPC are not usable, the old ones stay",
        {{"error", std::string(FromAbsl(status.message()))}});
  }
}

ServerCertificates::Current ServerCertificates::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

ServerCertificates::Stamp ServerCertificates::StampOf(const std::string& path) {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0) return {};
  return {.device = found.st_dev,
          .inode = found.st_ino,
          .size = found.st_size,
          .changed_ns =
              found.st_ctim.tv_sec * kNanosOfSecond + found.st_ctim.tv_nsec};
}

ServerCertificates::Stamps ServerCertificates::StampFiles() const {
  return {StampOf(paths_.certificate), StampOf(paths_.key),
          StampOf(paths_.authorities)};
}

}  // namespace tuco::rpc
