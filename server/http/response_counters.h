// Counts responses by status code.

#ifndef TUCO_SERVER_HTTP_RESPONSE_COUNTERS_H_
#define TUCO_SERVER_HTTP_RESPONSE_COUNTERS_H_

#include <array>
#include <string>

#include "server/base/metrics.h"

namespace tuco::http {

// `tuco_http_responses_total{listener, code}`. The codes are a fixed set, so
// that no peer can make a new one. Safe for concurrent use.
class ResponseCounters {
 public:
  ResponseCounters(base::Metrics& metrics, const std::string& listener);

  void Count(int status);

 private:
  static constexpr std::array<int, 12> kCodes = {200, 202, 400, 401, 404, 405,
                                                 408, 413, 414, 415, 431, 503};

  std::array<base::Counter*, kCodes.size()> by_code_;
  base::Counter* other_;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_RESPONSE_COUNTERS_H_
