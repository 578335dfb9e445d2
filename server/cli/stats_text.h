// How a server is, for people. What came from outside is escaped so that it
// cannot disturb a terminal.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_STATS_TEXT_H_
#define TUCO_SERVER_CLI_STATS_TEXT_H_

#include <cstdint>
#include <string>

#include "tuco/events/v1/server_status.pb.h"

namespace tuco::cli {

// `512 B`, `1.5 KiB`, `23.0 GiB`.
std::string BytesText(std::uint64_t bytes);

// Several lines, each with a label and what there is to know.
std::string StatusText(const events::v1::ServerStatus& status);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_STATS_TEXT_H_
