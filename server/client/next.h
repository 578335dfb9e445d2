// What a callback wants to happen.

#ifndef TUCO_SERVER_CLIENT_NEXT_H_
#define TUCO_SERVER_CLIENT_NEXT_H_

#include <cstdint>

namespace tuco::client {

enum class Next : std::uint8_t {
  kGoOn,
  kStop,  // What was given is taken; nothing more is wanted now.
};

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_NEXT_H_
