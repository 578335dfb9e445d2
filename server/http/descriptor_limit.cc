#include "server/http/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace tuco::http {
namespace {

// For the log, gRPC's connections and the other listener.
constexpr rlim_t kOthers = 1'536;

}  // namespace

std::size_t ReserveDescriptors(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const rlim_t needed = connections + kOthers;
  if (limit.rlim_cur < needed) {
    const rlimit raised{std::min(needed, limit.rlim_max), limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur >= needed) return connections;
  const rlim_t others = std::min(kOthers, limit.rlim_cur / 2);
  return std::max<std::size_t>(1, limit.rlim_cur - others);
}

}  // namespace tuco::http
