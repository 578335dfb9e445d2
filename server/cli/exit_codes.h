// What a process of ours ends with.

#ifndef TUCO_SERVER_CLI_EXIT_CODES_H_
#define TUCO_SERVER_CLI_EXIT_CODES_H_

namespace tuco::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitNegative = 1;  // Not genuine, nothing found.
inline constexpr int kExitUsage = 2;     // Wrong usage or configuration.
inline constexpr int kExitConnect = 3;   // Cannot start or connect.
inline constexpr int kExitStorage = 4;   // Data damaged, storage failed.
inline constexpr int kExitInterrupted = 130;

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_EXIT_CODES_H_
