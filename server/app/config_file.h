// Reads the configuration file: TOML, strictly.

#ifndef TUCO_SERVER_APP_CONFIG_FILE_H_
#define TUCO_SERVER_APP_CONFIG_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/app/config.h"

namespace tuco::app {

// The settings in `text`, which `name` calls in messages. InvalidArgument,
// beginning `name:line:column:`, for what is no TOML, an unknown key, a value
// of another type or out of its range. docs/configuration.md lists the keys.
absl::StatusOr<Settings> ParseConfig(std::string_view text,
                                     const std::string& name);

// The same from a file. InvalidArgument when it cannot be read.
absl::StatusOr<Settings> LoadConfigFile(const std::string& path);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_CONFIG_FILE_H_
