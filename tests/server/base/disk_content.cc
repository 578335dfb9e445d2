#include "tests/server/base/disk_content.h"

#include <algorithm>
#include <utility>

namespace tuco::base {
namespace {

constexpr std::uint64_t kSectorBytes = 512;

}  // namespace

void FileContent::Apply(const Change& change, std::string& bytes) {
  if (change.resizes) {
    bytes.resize(change.at);
    return;
  }
  if (change.bytes.empty()) return;
  const std::size_t end = change.at + change.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::copy(change.bytes.begin(), change.bytes.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(change.at));
}

void FileContent::Write(std::uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  unsynced_.push_back({.at = offset, .bytes = std::string(bytes)});
  Apply(unsynced_.back(), bytes_);
}

void FileContent::Truncate(std::uint64_t size) {
  unsynced_.push_back({.at = size, .bytes = {}, .resizes = true});
  Apply(unsynced_.back(), bytes_);
}

void FileContent::Replace(std::string bytes) {
  unsynced_.clear();
  bytes_ = std::move(bytes);
  surviving_ = bytes_;
}

void FileContent::Sync() {
  for (const Change& change : unsynced_) Apply(change, surviving_);
  unsynced_.clear();
}

void FileContent::FailToSync(DiskChance& chance) {
  ApplySome(chance);
  unsynced_.clear();
}

void FileContent::LosePower(DiskChance& chance) {
  FailToSync(chance);
  bytes_ = surviving_;
}

void FileContent::ApplySectors(const Change& change, std::uint64_t percent,
                               DiskChance& chance) {
  const std::string_view bytes = change.bytes;
  for (std::size_t done = 0; done < bytes.size();) {
    const std::uint64_t at = change.at + done;
    const std::string_view piece =
        bytes.substr(done, kSectorBytes - at % kSectorBytes);
    if (chance.Below(100) < percent) {
      Apply({.at = at, .bytes = std::string(piece)}, surviving_);
    }
    done += piece.size();
  }
}

void FileContent::ApplyTorn(const Change& change, DiskChance& chance) {
  const std::string_view bytes = change.bytes;
  const std::size_t cut = chance.Below(bytes.size() + 1);
  const bool front = chance.OneIn(2);
  Apply(
      {.at = front ? change.at : change.at + cut,
       .bytes = std::string(front ? bytes.substr(0, cut) : bytes.substr(cut))},
      surviving_);
}

void FileContent::ApplySome(DiskChance& chance) {
  const std::uint64_t manner = chance.Below(6);
  if (manner == 0) return;
  const std::uint64_t percent = 1 + chance.Below(99);
  const std::size_t whole = chance.Below(unsynced_.size() + 1);
  for (std::size_t i = 0; i < unsynced_.size(); ++i) {
    const Change& change = unsynced_[i];
    if (manner == 1 || (manner == 2 && i < whole)) {
      Apply(change, surviving_);
    } else if (manner == 2) {
      // In order up to one that is torn.
      if (!change.resizes) ApplyTorn(change, chance);
      return;
    } else if (change.resizes) {
      if (chance.Below(100) < percent) Apply(change, surviving_);
    } else if (manner == 3) {
      ApplyTorn(change, chance);
    } else {
      ApplySectors(change, percent, chance);
    }
  }
}

void FolderContent::Apply(const Change& change, Names& names) {
  if (!change.removed.empty()) names.erase(change.removed);
  if (!change.added.empty()) names[change.added] = change.node;
}

void FolderContent::Make(Change change) {
  Apply(change, names_);
  unsynced_.push_back(std::move(change));
}

void FolderContent::Add(const std::string& name,
                        std::shared_ptr<DiskNode> node) {
  Make({.removed = {}, .added = name, .node = std::move(node)});
}

void FolderContent::Remove(const std::string& name) {
  Make({.removed = name, .added = {}, .node = nullptr});
}

void FolderContent::Rename(const std::string& from, const std::string& to) {
  Make({.removed = from, .added = to, .node = names_.at(from)});
}

void FolderContent::Swap(const std::string& one, const std::string& other) {
  std::swap(names_.at(one), names_.at(other));
  surviving_ = names_;
  unsynced_.clear();
}

void FolderContent::Sync() {
  for (const Change& change : unsynced_) Apply(change, surviving_);
  unsynced_.clear();
}

void FolderContent::LosePower(DiskChance& chance) {
  // A journal keeps their order, other file systems need not.
  const std::uint64_t manner = chance.Below(4);
  const std::size_t first = chance.Below(unsynced_.size() + 1);
  for (std::size_t i = 0; i < unsynced_.size(); ++i) {
    const bool kept = manner == 1 || (manner == 2 && i < first) ||
                      (manner == 3 && chance.OneIn(2));
    if (kept) Apply(unsynced_[i], surviving_);
  }
  unsynced_.clear();
  names_ = surviving_;
}

}  // namespace tuco::base
