// One `--field path=value` of the command line.

#ifndef TUCO_SERVER_CLI_FIELD_SETTING_H_
#define TUCO_SERVER_CLI_FIELD_SETTING_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/cli/json_tree.h"

namespace tuco::cli {

// A value.
struct FieldSetting {
  std::string path;  // Names joined by dots, such as `data.message`.
  JsonTree value;
};

// Reads `path=value`: a string, or behind `json:` any JSON value.
// InvalidArgument without `=`, for a path with an empty name, for text that is
// not UTF-8 and for what is not JSON.
absl::StatusOr<FieldSetting> ParseFieldSetting(std::string_view text);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_FIELD_SETTING_H_
