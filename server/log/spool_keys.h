// Which duplicate keys are in the spool.

#ifndef TUCO_SERVER_LOG_SPOOL_KEYS_H_
#define TUCO_SERVER_LOG_SPOOL_KEYS_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "server/log/duplicate_index.h"
#include "tuco/digest.h"

namespace tuco::log {

// 47 to 94 bytes of memory a key, by how full the table is; keys that were
// forgotten a moment ago still take theirs. One thread at a time.
class SpoolKeys {
 public:
  // `number` is higher than those before. Of a key that is there already the
  // higher number counts.
  void Insert(const Digest& key, std::uint64_t number) { last_[key] = number; }

  bool Contains(const Digest& key) const {
    const auto found = last_.find(key);
    return found != last_.end() && found->second > forgotten_;
  }

  // Forgets the keys whose number is at most `number`.
  void ForgetThrough(std::uint64_t number);

 private:
  absl::flat_hash_map<Digest, std::uint64_t, DigestHash> last_;
  std::uint64_t forgotten_ = 0;
  // They are taken out when many of them have gathered.
  std::uint64_t taken_out_ = 0;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SPOOL_KEYS_H_
