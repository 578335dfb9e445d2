#include "server/log/duplicate_index.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace tuco::log {
namespace {

constexpr std::size_t kKeyBytes = 18;
constexpr unsigned kSequenceShift = 16;
static_assert(std::endian::native == std::endian::little);

using Bytes = std::array<std::uint8_t, 24>;

Bytes MakeBytes(const Digest& key, std::uint64_t sequence) {
  Bytes bytes;
  std::memcpy(bytes.data(), key.data(), kKeyBytes);
  std::memcpy(bytes.data() + kKeyBytes, &sequence, bytes.size() - kKeyBytes);
  return bytes;
}

// One load: the last two bytes of the key are shifted out.
std::uint64_t SequenceOf(const Bytes& bytes) {
  std::uint64_t tail;
  std::memcpy(&tail, bytes.data() + kKeyBytes - kSequenceShift / 8,
              sizeof(tail));
  return tail >> kSequenceShift;
}

// The first eight bytes as a number, in the order in which memcmp compares.
std::uint64_t Magnitude(const Bytes& bytes) {
  std::uint64_t head;
  std::memcpy(&head, bytes.data(), sizeof(head));
  return __builtin_bswap64(head);
}

// The homes, and room for those that the last ones push out.
std::size_t PlacesFor(std::size_t homes) { return homes + homes / 64 + 8; }

int CompareKeys(const Bytes& a, const Bytes& b) {
  const std::uint64_t magnitude_a = Magnitude(a);
  const std::uint64_t magnitude_b = Magnitude(b);
  if (magnitude_a != magnitude_b) return magnitude_a < magnitude_b ? -1 : 1;
  return std::memcmp(a.data(), b.data(), kKeyBytes);
}

}  // namespace

std::optional<std::uint64_t> DuplicateIndex::Find(const Digest& key) const {
  return shards_[key[0]].Find({MakeBytes(key, 0)});
}

bool DuplicateIndex::Insert(const Digest& key, std::uint64_t sequence) {
  const bool is_new = shards_[key[0]].Insert({MakeBytes(key, sequence)});
  if (is_new) ++size_;
  return is_new;
}

void DuplicateIndex::Erase(const Digest& key, std::uint64_t sequence) {
  if (shards_[key[0]].Erase({MakeBytes(key, sequence)})) --size_;
}

std::optional<std::uint64_t> DuplicateIndex::FindPrefix(
    const std::array<std::uint8_t, 16>& prefix) const {
  Digest lowest{};
  std::copy(prefix.begin(), prefix.end(), lowest.begin());
  return shards_[prefix[0]].FindPrefix({MakeBytes(lowest, 0)}, prefix.size());
}

void DuplicateIndex::Builder::Add(const Digest& key, std::uint64_t sequence) {
  aside_[key[0]].push_back({MakeBytes(key, sequence)});
}

DuplicateIndex::Builder::Built DuplicateIndex::Builder::Build() {
  Built built;
  for (std::size_t i = 0; i < aside_.size(); ++i) {
    const std::vector<Entry> entries = std::exchange(aside_[i], {});
    Shard& shard = built.index.shards_[i];
    shard.Reserve(entries.size());
    for (const Entry& entry : entries) {
      if (shard.Insert(entry)) {
        ++built.index.size_;
      } else {
        built.alike.push_back(SequenceOf(entry.bytes));
      }
    }
  }
  return built;
}

std::size_t DuplicateIndex::Shard::HomeOf(const Entry& entry) const {
  // The first byte is the same in the whole shard; the next four do.
  const std::uint64_t value = Magnitude(entry.bytes) >> 24 & 0xffffffff;
  return static_cast<std::size_t>(value * homes_ >> 32);
}

std::size_t DuplicateIndex::Shard::PlaceOf(const Entry& entry) const {
  std::size_t place = HomeOf(entry);
  while (place < entries_.size() && SequenceOf(entries_[place].bytes) != 0 &&
         CompareKeys(entries_[place].bytes, entry.bytes) < 0) {
    ++place;
  }
  return place;
}

std::optional<std::uint64_t> DuplicateIndex::Shard::Find(
    const Entry& wanted) const {
  const std::size_t place = PlaceOf(wanted);
  if (place == entries_.size() ||
      CompareKeys(entries_[place].bytes, wanted.bytes) != 0) {
    return std::nullopt;
  }
  const std::uint64_t sequence = SequenceOf(entries_[place].bytes);
  return sequence == 0 ? std::nullopt : std::optional(sequence);
}

// A key stands at its home or behind it, smaller keys before larger ones.
std::optional<std::uint64_t> DuplicateIndex::Shard::FindPrefix(
    const Entry& lowest, std::size_t bytes) const {
  const std::size_t place = PlaceOf(lowest);
  if (place == entries_.size() ||
      std::memcmp(entries_[place].bytes.data(), lowest.bytes.data(), bytes) !=
          0) {
    return std::nullopt;
  }
  const std::uint64_t sequence = SequenceOf(entries_[place].bytes);
  return sequence == 0 ? std::nullopt : std::optional(sequence);
}

bool DuplicateIndex::Shard::Erase(const Entry& entry) {
  std::size_t place = PlaceOf(entry);
  if (place == entries_.size() || entries_[place].bytes != entry.bytes) {
    return false;
  }
  // Who was pushed behind its home by this one moves up.
  while (place + 1 < entries_.size() &&
         SequenceOf(entries_[place + 1].bytes) != 0 &&
         HomeOf(entries_[place + 1]) <= place) {
    entries_[place] = entries_[place + 1];
    ++place;
  }
  entries_[place] = Entry{};
  --size_;
  return true;
}

bool DuplicateIndex::Shard::Insert(const Entry& entry) {
  // Beyond seven eighths the runs of neighbours grow long.
  if (size_ >= homes_ - homes_ / 8) Grow();
  while (true) {
    const std::size_t place = PlaceOf(entry);
    std::size_t free = place;
    while (free < entries_.size() && SequenceOf(entries_[free].bytes) != 0)
      ++free;
    if (free == entries_.size()) {
      Grow();
      continue;
    }
    if (free != place && CompareKeys(entries_[place].bytes, entry.bytes) == 0) {
      if (SequenceOf(entry.bytes) < SequenceOf(entries_[place].bytes)) {
        entries_[place] = entry;
      }
      return false;
    }
    std::move_backward(entries_.begin() + place, entries_.begin() + free,
                       entries_.begin() + free + 1);
    entries_[place] = entry;
    ++size_;
    return true;
  }
}

void DuplicateIndex::Shard::Reserve(std::size_t count) {
  // With some room, or the next few keys would make it grow.
  homes_ = (count + count / 64) * 8 / 7 + 8;
  entries_.assign(PlacesFor(homes_), Entry{});
}

void DuplicateIndex::Shard::Grow() {
  Shard larger;
  larger.homes_ = homes_;
  do {
    larger.homes_ += larger.homes_ / 8 + 8;
    larger.entries_.assign(PlacesFor(larger.homes_), Entry{});
  } while (!CopyTo(larger));
  *this = std::move(larger);
}

// False when what the last homes push out does not fit behind them.
bool DuplicateIndex::Shard::CopyTo(Shard& larger) const {
  std::size_t next = 0;
  for (const Entry& entry : entries_) {
    if (SequenceOf(entry.bytes) == 0) continue;
    next = std::max(next, larger.HomeOf(entry));
    if (next == larger.entries_.size()) return false;
    larger.entries_[next++] = entry;
  }
  larger.size_ = size_;
  return true;
}

}  // namespace tuco::log
