// The PEM files of a TLS server or client, read and checked before anybody
// relies on them.

#ifndef TUCO_SERVER_BASE_TLS_FILES_H_
#define TUCO_SERVER_BASE_TLS_FILES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tuco/timestamp.h"

struct ssl_ctx_st;

namespace tuco::base {

// An empty path: there is no such file. A value.
struct TlsPaths {
  std::string certificate;  // Our own, then those between it and the root.
  std::string key;          // Of the first certificate, not encrypted.
  std::string authorities;  // Those whose certificates we take from others.

  friend bool operator==(const TlsPaths&, const TlsPaths&) = default;
};

// What was in the files. A value.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string authorities;
  // When the certificate ends, where there is one.
  std::optional<Timestamp> expires_at;
};

// InvalidArgument, naming the file: it cannot be read, holds more than 1 MiB or
// something else, has a key or a digest that is too weak for TLS today, or the
// key is not that of the certificate. A certificate that has expired is none
// of these. Safe for concurrent use.
absl::StatusOr<TlsFiles> ReadTlsFiles(const TlsPaths& paths);

// When a certificate is valid: from the one until before the other. A value.
struct TlsValidity {
  Timestamp begins;
  Timestamp ends;
};

// Has `context` show the certificate that `paths` names, and what follows it in
// its file. The codes of ReadTlsFiles.
absl::StatusOr<TlsValidity> UseTlsPair(const TlsPaths& paths,
                                       ssl_ctx_st& context);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_TLS_FILES_H_
