// How a client shows who it is, and knows that it speaks to the right server.

#ifndef TUCO_SERVER_CLIENT_CREDENTIALS_H_
#define TUCO_SERVER_CLIENT_CREDENTIALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/base/tls_files.h"

namespace tuco::client {

// Paths; an empty one stands for no such file. A value.
struct CredentialFiles {
  std::string token;  // A token, in one line.
  base::TlsPaths tls;

  friend bool operator==(const CredentialFiles&,
                         const CredentialFiles&) = default;
};

// What was in them. A value; without anything it is a client that nobody needs
// to know, on a connection without encryption.
struct Credentials {
  std::string token;
  // With `authorities` the connection is encrypted, and the server must show a
  // certificate of theirs.
  base::TlsFiles tls;

  bool encrypts() const { return !tls.authorities.empty(); }
};

// InvalidArgument, naming the file: one cannot be read or is not what it should
// be; or a certificate or key comes alone, or without authorities.
absl::StatusOr<Credentials> ReadCredentials(const CredentialFiles& files);

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_CREDENTIALS_H_
