#include "server/cli/secret_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "tuco/hmac_sha256.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

constexpr std::size_t kSecretBytesMax = 4096;

void DropLineBreak(std::string& text) {
  if (!text.ends_with('\n')) return;
  text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

absl::Status Unusable(const std::string& path, std::string_view why) {
  return absl::InvalidArgumentError(Concat({"secret file ", path, ": ", why}));
}

// Reads as much of a file as fits into `text`: how much that was. Not by a
// stream, which would leave its buffer behind.
absl::StatusOr<std::size_t> ReadInto(const std::string& path,
                                     std::string& text) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Unusable(path, std::strerror(errno));
  std::size_t size = 0;
  ssize_t count = 0;
  do {
    count = ::read(fd, text.data() + size, text.size() - size);
    if (count > 0) size += static_cast<std::size_t>(count);
  } while ((count > 0 && size < text.size()) || (count < 0 && errno == EINTR));
  const int error = errno;
  ::close(fd);
  if (count < 0) return Unusable(path, std::strerror(error));
  return size;
}

absl::Status NoSecret() {
  return absl::NotFoundError(
      "no secret; give --secret-file FILE, or set TUCO_WEBHOOK_SECRET or "
      "TUCO_WEBHOOK_SECRET_FILE (`serve --dev` keeps its own in "
      "data/dev-secret)");
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  // Of this size it is never a short string, which would leave a copy wherever
  // it moves.
  std::string text(kSecretBytesMax + 1, '\0');
  const absl::StatusOr<std::size_t> size = ReadInto(path, text);
  if (!size.ok()) return size.status();
  if (*size > kSecretBytesMax) {
    SecureWipe(text.data(), text.size());
    return Unusable(path, "more than 4096 bytes; is this the right file?");
  }
  text.resize(*size);
  DropLineBreak(text);
  if (text.empty()) return Unusable(path, "empty; put the secret into it");
  return text;
}

absl::StatusOr<std::string> FindSecret(const SecretPlaces& places,
                                       const Environment& environment) {
  if (!places.file.empty()) return ReadSecretFile(places.file);
  if (const auto text = environment("TUCO_WEBHOOK_SECRET")) return *text;
  if (const auto path = environment("TUCO_WEBHOOK_SECRET_FILE")) {
    return ReadSecretFile(*path);
  }
  std::error_code ignored;
  if (!places.fallback.empty() &&
      std::filesystem::exists(places.fallback, ignored)) {
    return ReadSecretFile(places.fallback);
  }
  return NoSecret();
}

}  // namespace tuco::cli
