#include "server/cli/secret_new.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "server/cli/console.h"
#include "server/cli/exit_codes.h"
#include "tuco/digest.h"
#include "tuco/hmac_sha256.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

constexpr std::size_t kSecretBytes = 32;

constexpr const char* kFooter =
    R"(Tuco shows a webhook's secret once, when the webhook is registered.
A secret of our own is for tests and for senders other than Tuco.

With --output the file is new, only its owner may read it, and nothing secret
is printed.

Examples:
  tuco-events secret new --output secret.txt
  TUCO_WEBHOOK_SECRET=$(tuco-events secret new) some-program)";

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::InvalidArgumentError(
      Concat({"cannot write ", path, ": ", std::strerror(error)}));
}

int RunSecretNew(const std::string& path) {
  const std::string secret = NewSecret();
  if (path.empty()) return Print(secret + "\n", kExitOk);
  const absl::Status written = WriteSecretFile(path, secret);
  return written.ok() ? kExitOk : Fail(kExitUsage, written);
}

}  // namespace

std::string NewSecret() {
  std::string digits = ToHex(RandomBytes(kSecretBytes));
  std::string secret = "whsec_";
  secret.reserve(secret.size() + digits.size());
  secret += digits;
  SecureWipe(digits.data(), digits.size());
  return secret;
}

absl::Status WriteSecretFile(const std::string& path,
                             const std::string& secret) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                        S_IRUSR | S_IWUSR);
  if (fd < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(
        Concat({path,
                " is there already; a secret is never overwritten, so "
                "name another file or move this one away"}));
  }
  if (fd < 0) return CannotWrite(path, errno);
  FdOutput file(fd);
  const bool written = file.Write(secret) == WriteResult::kWritten &&
                       file.Write("\n") == WriteResult::kWritten &&
                       ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (written) return absl::OkStatus();
  ::unlink(path.c_str());
  return CannotWrite(path, error);
}

void AddSecret(Command parent) {
  const auto path = std::make_shared<std::string>();
  const Command secret = parent.AddCommand("secret", "Signing secrets");
  secret.RequireCommand();
  secret.SetFooter("Example:\n  tuco-events secret new --output secret.txt");
  const Command command = secret.AddCommand("new", "Make a new secret");
  command.AddOption("--output", *path,
                    "File to write it to; without, it is printed");
  command.SetFooter(kFooter);
  command.SetAction([path] { return RunSecretNew(*path); });
}

}  // namespace tuco::cli
