// The endpoints in force, which are replaced as a whole when the server is told
// new ones.
//
//   const EndpointsPtr endpoints = current.Get();   // once for a request
//   ... endpoints->Find(name) ...
//   current.Replace(std::move(next));               // whoever has the old ones
//                                                   // goes on with them

#ifndef TUCO_SERVER_RECEIVER_CURRENT_ENDPOINTS_H_
#define TUCO_SERVER_RECEIVER_CURRENT_ENDPOINTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "server/receiver/endpoints.h"

namespace tuco::receiver {

// Shared, since a request may still use them when they are replaced: the last
// one to let go destroys them, and with them what they knew of secrets.
using EndpointsPtr = std::shared_ptr<const Endpoints>;

// Safe for concurrent use.
class CurrentEndpoints {
 public:
  explicit CurrentEndpoints(Endpoints endpoints);
  CurrentEndpoints(const CurrentEndpoints&) = delete;
  CurrentEndpoints& operator=(const CurrentEndpoints&) = delete;

  // Whoever answers one request takes them once, so that no two parts of the
  // answer come from different ones. Costs some 20 ns: a mutex that is held
  // for as long as a pointer is copied, which std::atomic<std::shared_ptr> is
  // underneath, too.
  EndpointsPtr Get() const;

  // Puts `next` in force. What Get returned before stays as it is. One thread
  // at a time.
  void Replace(Endpoints next);

  // How often they were replaced; one that Get returned has its own number.
  std::uint64_t generation() const { return generation_; }

 private:
  mutable std::mutex mutex_;
  EndpointsPtr endpoints_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> generation_ = 0;
};

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_CURRENT_ENDPOINTS_H_
