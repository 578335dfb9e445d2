// Counts the sockets that were given to gRPC, which does not say when it closes
// one.

#ifndef TUCO_SERVER_RPC_GIVEN_SOCKETS_H_
#define TUCO_SERVER_RPC_GIVEN_SOCKETS_H_

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <mutex>

#include "absl/base/thread_annotations.h"

namespace tuco::rpc {

// A socket is open for as long as its descriptor leads to the inode that it
// led to when it was given: an inode's number is not used again before 2^32
// others were. Safe for concurrent use.
class GivenSockets {
 public:
  // Before the socket is given away.
  void Add(int descriptor);

  // How many there are, of which some may be closed already; cheap.
  std::size_t CountMax() const;
  // How many of them are open; asks the kernel for each.
  std::size_t CountOpen();

 private:
  mutable std::mutex mutex_;
  std::map<int, ino_t> inodes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_GIVEN_SOCKETS_H_
