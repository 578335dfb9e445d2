#include "server/http/response_counters.h"

#include <cstddef>

namespace tuco::http {
namespace {

base::Counter& CodeCounter(base::Metrics& metrics, const std::string& listener,
                           const std::string& code) {
  return metrics.GetCounter("tuco_http_responses_total",
                            "HTTP responses, by listener and status code.",
                            {{"listener", listener}, {"code", code}});
}

}  // namespace

ResponseCounters::ResponseCounters(base::Metrics& metrics,
                                   const std::string& listener)
    : other_(&CodeCounter(metrics, listener, "other")) {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    by_code_[i] = &CodeCounter(metrics, listener, std::to_string(kCodes[i]));
  }
}

void ResponseCounters::Count(int status) {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (kCodes[i] == status) {
      by_code_[i]->Increment();
      return;
    }
  }
  other_->Increment();
}

}  // namespace tuco::http
