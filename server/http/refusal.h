// Why a request is refused.

#ifndef TUCO_SERVER_HTTP_REFUSAL_H_
#define TUCO_SERVER_HTTP_REFUSAL_H_

#include <string_view>

namespace tuco::http {

// A status and what was found; static storage. Status 0: not refused.
struct Refusal {
  int status = 0;
  std::string_view detail;

  explicit operator bool() const { return status != 0; }
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_REFUSAL_H_
