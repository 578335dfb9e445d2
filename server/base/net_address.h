// The addresses that listeners and clients are given on the command line, in
// the environment and in the configuration file.

#ifndef TUCO_SERVER_BASE_NET_ADDRESS_H_
#define TUCO_SERVER_BASE_NET_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tuco::base {

// `host:port`, `[v6]:port`, `unix:PATH` or `off`.
struct NetAddress {
  enum class Kind : std::uint8_t { kOff, kTcp, kUnix };

  Kind kind = Kind::kOff;
  std::string host;        // kTcp: without brackets.
  std::uint16_t port = 0;  // kTcp: 0 picks a free one.
  std::string path;        // kUnix.
  // A socket that listens there already and that a listener takes over, as a
  // service manager gives one; -1: none.
  int descriptor = -1;

  bool off() const { return kind == Kind::kOff; }
  // Whether no other machine can reach it: a unix socket, 127.0.0.0/8, ::1,
  // the name `localhost`, or off.
  bool IsLocal() const;
  // The spelling that Parse reads.
  std::string ToString() const;

  friend bool operator==(const NetAddress&, const NetAddress&) = default;
};

// InvalidArgument with what was expected and what was found.
absl::StatusOr<NetAddress> ParseNetAddress(std::string_view text);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_NET_ADDRESS_H_
