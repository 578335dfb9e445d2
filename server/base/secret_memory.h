// A text that stays out of core files and off the swap, and is overwritten when
// it goes.
//
// It has pages of its own, which are left out of core files (MADV_DONTDUMP) and
// locked in memory as far as the system lets us (mlock). So core files can stay
// on: what is in them of a secret is at most what signatures are computed with.

#ifndef TUCO_SERVER_BASE_SECRET_MEMORY_H_
#define TUCO_SERVER_BASE_SECRET_MEMORY_H_

#include <cstddef>
#include <string_view>

namespace tuco::base {

// Immutable; moved, not copied.
class SecretMemory {
 public:
  // Takes a copy of `text`. Ends the process where there is no memory, as `new`
  // does.
  explicit SecretMemory(std::string_view text);
  ~SecretMemory();
  SecretMemory(SecretMemory&& other) noexcept;
  SecretMemory& operator=(SecretMemory&& other) noexcept;

  std::string_view text() const { return {data_, size_}; }

 private:
  void Release();

  char* data_ = nullptr;  // Null once moved from.
  std::size_t size_ = 0;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_SECRET_MEMORY_H_
