#include "server/rpc/given_sockets.h"

#include <sys/stat.h>

namespace tuco::rpc {
namespace {

// 0, which no socket has, where there is none.
ino_t InodeOf(int descriptor) {
  struct stat found {};
  if (::fstat(descriptor, &found) != 0 || !S_ISSOCK(found.st_mode)) return 0;
  return found.st_ino;
}

}  // namespace

void GivenSockets::Add(int descriptor) {
  const ino_t inode = InodeOf(descriptor);
  const std::lock_guard lock(mutex_);
  inodes_[descriptor] = inode;
}

std::size_t GivenSockets::CountMax() const {
  const std::lock_guard lock(mutex_);
  return inodes_.size();
}

std::size_t GivenSockets::CountOpen() {
  const std::lock_guard lock(mutex_);
  std::erase_if(inodes_, [](const auto& socket) {
    return InodeOf(socket.first) != socket.second;
  });
  return inodes_.size();
}

}  // namespace tuco::rpc
