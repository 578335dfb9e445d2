// Says what a configuration comes to: every setting in effect, and which source
// has it. No secret is in it, only where each one is.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_APP_CONFIG_REPORT_H_
#define TUCO_SERVER_APP_CONFIG_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/app/config.h"
#include "server/app/serve_config.h"

namespace tuco::app {

// One setting of those that are there once.
struct ReportedSetting {
  std::string_view key;     // As docs/configuration.md has it.
  std::string value;        // As TOML and JSON both spell it; empty: not set.
  std::string_view source;  // `flag`, `environment`, `file` or `default`.
};

// The settings of `config`, which `sources` of LoadSources came to.
std::vector<ReportedSetting> ListSettings(const ServeConfig& config,
                                          const std::vector<Settings>& sources);

// All of it as a configuration file that says the same, each setting with its
// source as a comment.
std::string ConfigAsToml(const ServeConfig& config,
                         const std::vector<Settings>& sources);

// All of it as a line of JSON:
//   {"settings":{KEY:{"value":…,"source":"…"},…},
//    "endpoints":[{"name":"…",…,"secrets":[{"name":"…","file":"…",…},…]},…]}
// What is not set is null.
std::string ConfigAsJson(const ServeConfig& config,
                         const std::vector<Settings>& sources);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_CONFIG_REPORT_H_
