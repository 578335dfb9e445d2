#include "server/client/credentials.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <system_error>

#include "absl/status/status.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::client {
namespace {

constexpr std::size_t kTokenBytesMax = 4'096;

// Whether all of it can stand in a header.
bool IsToken(const std::string& text) {
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::string text(kTokenBytesMax + 2, '\0');
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "rbe"), &std::fclose);
  text.resize(file == nullptr
                  ? 0
                  : std::fread(text.data(), 1, text.size(), file.get()));
  if (errno != 0) {
    return absl::InvalidArgumentError(
        Concat({"cannot read the token file ", path, ": ",
                std::generic_category().message(errno)}));
  }
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (IsToken(text)) return text;
  return absl::InvalidArgumentError(
      Concat({"the token file ", path, ": expected one line with the token"}));
}

absl::Status CheckTogether(const base::TlsPaths& tls) {
  if (tls.certificate.empty() != tls.key.empty()) {
    return absl::InvalidArgumentError(
        "expected the client's certificate and its key together");
  }
  if (tls.authorities.empty() && !tls.certificate.empty()) {
    return absl::InvalidArgumentError(
        "expected the authorities of the server's certificate with that of the "
        "client");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Credentials> ReadCredentials(const CredentialFiles& files) {
  Credentials credentials;
  TUCO_RETURN_IF_ERROR(CheckTogether(files.tls));
  TUCO_ASSIGN_OR_RETURN(credentials.tls, base::ReadTlsFiles(files.tls));
  if (!files.token.empty()) {
    TUCO_ASSIGN_OR_RETURN(credentials.token, ReadToken(files.token));
  }
  return credentials;
}

}  // namespace tuco::client
