#include "server/cli/secret_source.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

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

absl::Status NoSecret() {
  return absl::NotFoundError(
      "no secret; give --secret-file FILE, or set TUCO_WEBHOOK_SECRET or "
      "TUCO_WEBHOOK_SECRET_FILE (`serve --dev` keeps its own in "
      "data/dev-secret)");
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kSecretBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const bool read = file.is_open() && !file.bad();
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!read) {
    return Unusable(path, errno == 0 ? "cannot be read" : std::strerror(errno));
  }
  if (text.size() > kSecretBytesMax) {
    return Unusable(path, "more than 4096 bytes; is this the right file?");
  }
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
