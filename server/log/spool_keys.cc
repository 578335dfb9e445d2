#include "server/log/spool_keys.h"

namespace tuco::log {

void SpoolKeys::ForgetThrough(std::uint64_t number) {
  forgotten_ = number;
  if (forgotten_ - taken_out_ < last_.size() / 2) return;
  absl::erase_if(
      last_, [number](const auto& entry) { return entry.second <= number; });
  // Gives the memory back, too.
  last_.rehash(0);
  taken_out_ = forgotten_;
}

}  // namespace tuco::log
