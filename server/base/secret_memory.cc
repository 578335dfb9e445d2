#include "server/base/secret_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <utility>

#include "tuco/hmac_sha256.h"

namespace tuco::base {
namespace {

// Never nothing; the system rounds it up to whole pages.
std::size_t MappedBytes(std::size_t size) { return size + 1; }

}  // namespace

SecretMemory::SecretMemory(std::string_view text) : size_(text.size()) {
  void* const pages =
      ::mmap(nullptr, MappedBytes(size_), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) std::abort();
  // Neither can fail for reasons that we could mend: an old kernel, a limit on
  // locked memory.
  ::madvise(pages, MappedBytes(size_), MADV_DONTDUMP);
  ::mlock(pages, MappedBytes(size_));
  data_ = static_cast<char*>(pages);
  text.copy(data_, size_);
}

SecretMemory::~SecretMemory() { Release(); }

SecretMemory::SecretMemory(SecretMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SecretMemory& SecretMemory::operator=(SecretMemory&& other) noexcept {
  if (this == &other) return *this;
  Release();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

void SecretMemory::Release() {
  if (data_ == nullptr) return;
  SecureWipe(data_, size_);
  ::munmap(data_, MappedBytes(size_));
  data_ = nullptr;
}

}  // namespace tuco::base
