// Reads the file of tokens: TOML, strictly.

#ifndef TUCO_SERVER_APP_TOKEN_FILE_H_
#define TUCO_SERVER_APP_TOKEN_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/rpc/tokens.h"

namespace tuco::app {

// The tokens in `text`, which `name` calls in messages. InvalidArgument,
// beginning `name:line:column:`, for what is no TOML, an unknown key, a value
// of another type or out of its range, or no token at all. docs/security.md
// has the keys.
absl::StatusOr<std::vector<rpc::Token>> ParseTokens(std::string_view text,
                                                    const std::string& name);

// The same from a file. InvalidArgument when it cannot be read, or when others
// than its owner may write to it: they could let anybody in. That others can
// read it is logged.
absl::StatusOr<std::vector<rpc::Token>> LoadTokenFile(const std::string& path);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_TOKEN_FILE_H_
