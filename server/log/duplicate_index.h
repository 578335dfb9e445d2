// Which duplicate keys the log has.
//
// In memory, since a random key into an index on disk costs five times as
// much as the record. An entry is 24 bytes: 18 of the key, 6 of the sequence.
//
//   256 shards by the key's first byte; in each
//
//   ┌───┬───┬───┬───┬───┬───┬───┬───┬───┬───┐
//   │ 0a│   │ 31│ 35│ 4c│   │ 8e│   │ d2│ d7│   sorted, with gaps
//   └───┴───┴───┴───┴───┴───┴───┴───┴───┴───┘
//
// A key stands at the place that its value has in the range of all values, or
// in the next free one behind smaller keys. So a search looks at a few
// neighbours, and a shard that is full is copied front to back into one that
// is an eighth larger: little room is empty and no insertion takes long.

#ifndef TUCO_SERVER_LOG_DUPLICATE_INDEX_H_
#define TUCO_SERVER_LOG_DUPLICATE_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "tuco/digest.h"

namespace tuco::log {

// A key is a SHA-256 value already: any 8 bytes of it are a good hash.
struct DigestHash {
  std::size_t operator()(const Digest& key) const {
    std::size_t hash;
    std::memcpy(&hash, key.data(), sizeof(hash));
    return hash;
  }
};

// Compares the first 144 bits of a key, more than the event's id has; whoever
// must know for certain compares the rest. At most 32 bytes a key. One thread
// at a time.
class DuplicateIndex {
 public:
  class Builder;

  // The lowest sequence inserted for the key, nothing when there is none.
  std::optional<std::uint64_t> Find(const Digest& key) const;
  // Remembers the lowest sequence of a key; `sequence` is from 1 to 2^48 - 1.
  // Returns whether the key is new.
  bool Insert(const Digest& key, std::uint64_t sequence);
  // Forgets a key, if `sequence` is the one remembered for it.
  void Erase(const Digest& key, std::uint64_t sequence);
  // The sequence of the first key that begins with the 16 bytes of `prefix`.
  std::optional<std::uint64_t> FindPrefix(
      const std::array<std::uint8_t, 16>& prefix) const;
  std::size_t size() const { return size_; }

 private:
  // 18 bytes of the key, then the sequence, little-endian. A sequence of 0:
  // empty.
  struct Entry {
    std::array<std::uint8_t, 24> bytes;
  };

  class Shard {
   public:
    std::optional<std::uint64_t> Find(const Entry& wanted) const;
    std::optional<std::uint64_t> FindPrefix(const Entry& lowest,
                                            std::size_t bytes) const;
    // Whether the key is new.
    bool Insert(const Entry& entry);
    // Whether the entry, sequence included, was there.
    bool Erase(const Entry& entry);
    // Makes room for `count` keys and some more, in an empty shard.
    void Reserve(std::size_t count);

   private:
    // Where the key's value lies in the range of all values.
    std::size_t HomeOf(const Entry& entry) const;
    // The first place from the key's home on that is empty or has no smaller
    // key.
    std::size_t PlaceOf(const Entry& entry) const;
    void Grow();
    bool CopyTo(Shard& larger) const;

    std::size_t homes_ = 0;
    std::size_t size_ = 0;
    // The homes, and room behind for those that the last home pushes out.
    std::vector<Entry> entries_;
  };

  std::array<Shard, 256> shards_;
  std::size_t size_ = 0;
};

// Makes an index of very many keys. Keys come in no order, so that each would
// wait for memory if it went to its place at once; here they are put aside by
// shard first, and a shard at a time fits the processor's caches.
class DuplicateIndex::Builder {
 public:
  // As Insert; sequences ascend.
  void Add(const Digest& key, std::uint64_t sequence);

  struct Built {
    DuplicateIndex index;
    // Sequences whose keys the index cannot tell from keys of lower ones.
    std::vector<std::uint64_t> alike;
  };
  // Nothing is left in the builder.
  Built Build();

 private:
  std::array<std::vector<Entry>, 256> aside_;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_DUPLICATE_INDEX_H_
