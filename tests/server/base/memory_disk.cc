#include "tests/server/base/memory_disk.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "server/base/file_status.h"
#include "server/base/status_macros.h"

namespace tuco::base {
namespace {

constexpr std::uint64_t kWhole = 256;

bool Changes(MemoryDisk::Operation operation) {
  using Operation = MemoryDisk::Operation;
  return operation == Operation::kWrite || operation == Operation::kTruncate ||
         operation == Operation::kRename || operation == Operation::kRemove ||
         operation == Operation::kMakeDirectory;
}

const char* WordsFor(MemoryDisk::Operation operation) {
  static constexpr std::array<const char*, MemoryDisk::kOperationCount> kWords =
      {"cannot open",
       "cannot read",
       "cannot write",
       "cannot change the size",
       "cannot sync",
       "cannot sync the folder",
       "cannot rename to it",
       "cannot remove",
       "cannot make the folder",
       "cannot look at it",
       "cannot lock"};
  return kWords[static_cast<std::size_t>(operation)];
}

absl::Status Error(int error_number, const std::string& path,
                   MemoryDisk::Operation operation) {
  return FileError(error_number, path, WordsFor(operation));
}

}  // namespace

class MemoryDisk::OpenFile final : public File {
 public:
  OpenFile(MemoryDisk& disk, std::shared_ptr<DiskNode> node, std::string path,
           bool writable, std::uint64_t mount)
      : disk_(disk),
        node_(std::move(node)),
        path_(std::move(path)),
        writable_(writable),
        mount_(mount) {}
  ~OpenFile() override {
    const std::lock_guard lock(disk_.mutex_);
    if (node_->locked_by == this) node_->locked_by = nullptr;
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset,
                                     std::span<char> to) const override {
    const std::lock_guard lock(disk_.mutex_);
    TUCO_RETURN_IF_ERROR(Check(Operation::kRead));
    TUCO_RETURN_IF_ERROR(disk_.Judge(Operation::kRead, path_).status);
    const std::string& bytes = node_->file.bytes();
    if (offset >= bytes.size()) return 0;
    return bytes.copy(to.data(), to.size(), offset);
  }
  absl::Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(disk_.mutex_);
    TUCO_RETURN_IF_ERROR(Check(Operation::kWrite));
    return disk_.Write(*node_, path_, offset, bytes);
  }
  absl::Status Truncate(std::uint64_t size) override {
    const std::lock_guard lock(disk_.mutex_);
    TUCO_RETURN_IF_ERROR(Check(Operation::kTruncate));
    return disk_.Resize(*node_, path_, size);
  }
  absl::StatusOr<std::uint64_t> Size() const override {
    const std::lock_guard lock(disk_.mutex_);
    TUCO_RETURN_IF_ERROR(Check(Operation::kLook));
    TUCO_RETURN_IF_ERROR(disk_.Judge(Operation::kLook, path_).status);
    return node_->file.bytes().size();
  }
  absl::Status Sync() override {
    const std::lock_guard lock(disk_.mutex_);
    TUCO_RETURN_IF_ERROR(Check(Operation::kSync));
    return disk_.Sync(*node_, path_);
  }
  absl::Status TryLock() override {
    const std::lock_guard lock(disk_.mutex_);
    TUCO_RETURN_IF_ERROR(Check(Operation::kLock));
    TUCO_RETURN_IF_ERROR(disk_.Judge(Operation::kLock, path_).status);
    if (node_->locked_by != nullptr && node_->locked_by != this) {
      return Error(EWOULDBLOCK, path_, Operation::kLock);
    }
    node_->locked_by = this;
    return absl::OkStatus();
  }

 private:
  absl::Status Check(Operation operation) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(disk_.mutex_) {
    if (mount_ != disk_.mounts_) return Error(EIO, path_, operation);
    return Changes(operation) && !writable_ ? Error(EBADF, path_, operation)
                                            : absl::OkStatus();
  }

  MemoryDisk& disk_;
  const std::shared_ptr<DiskNode> node_;
  const std::string path_;
  const bool writable_;
  const std::uint64_t mount_;
};

MemoryDisk::Place MemoryDisk::Find(const std::string& path) const {
  Place place{.folder = nullptr, .name = "", .node = root_};
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    std::string name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    if (place.node == nullptr || !place.node->is_folder) return {};
    place.folder = place.node.get();
    place.name = std::move(name);
    const auto& names = place.folder->folder.names();
    const auto found = names.find(place.name);
    place.node = found == names.end() ? nullptr : found->second;
  }
  return place;
}

DiskNode& MemoryDisk::FileAt(const std::string& path) const {
  const Place place = Find(path);
  if (place.node == nullptr) std::abort();
  return *place.node;
}

std::optional<MemoryDisk::Verdict> MemoryDisk::JudgeFault(
    Operation operation, const std::string& path) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->operation != operation || !path.ends_with(fault->ending)) {
      continue;
    }
    if (fault->skip > 0) {
      --fault->skip;
      continue;
    }
    const Verdict verdict{
        .status = Error(fault->error_number, path, operation),
        .part = fault->partly ? chance_.Below(kWhole + 1) : 0};
    if (fault->count != kForever && --fault->count == 0) faults_.erase(fault);
    return verdict;
  }
  return std::nullopt;
}

MemoryDisk::Verdict MemoryDisk::Judge(Operation operation,
                                      const std::string& path) {
  if (crashed_) return {.status = Error(EIO, path, operation), .part = 0};
  ++counts_[static_cast<std::size_t>(operation)];
  if (++operations_ == crash_at_) {
    crashed_ = true;
    // It may have been done and nobody hears of it.
    return {.status = Error(EIO, path, operation),
            .part = chance_.OneIn(2) ? kWhole : 0};
  }
  if (const std::optional<Verdict> verdict = JudgeFault(operation, path)) {
    return *verdict;
  }
  if (read_only_ && Changes(operation)) {
    return {.status = Error(EROFS, path, operation), .part = 0};
  }
  return {};
}

std::uint64_t MemoryDisk::FreeBytes() const {
  std::uint64_t used = taken_;
  VisitNodes(*root_,
             [&used](DiskNode& node) { used += node.file.bytes().size(); });
  return used < capacity_ ? capacity_ - used : 0;
}

absl::Status MemoryDisk::Write(DiskNode& node, const std::string& path,
                               std::uint64_t offset, std::string_view bytes) {
  Verdict verdict = Judge(Operation::kWrite, path);
  bytes = bytes.substr(0, bytes.size() * verdict.part / kWhole);
  const std::uint64_t size = node.file.bytes().size();
  const std::uint64_t room = size + FreeBytes();
  if (offset + bytes.size() > std::max(size, room)) {
    bytes = bytes.substr(0, room > offset ? room - offset : 0);
    if (verdict.status.ok()) {
      verdict.status = Error(ENOSPC, path, Operation::kWrite);
    }
  }
  node.file.Write(offset, bytes);
  return verdict.status;
}

absl::Status MemoryDisk::Resize(DiskNode& node, const std::string& path,
                                std::uint64_t size) {
  const Verdict verdict = Judge(Operation::kTruncate, path);
  if (verdict.part < kWhole) return verdict.status;
  const std::uint64_t now = node.file.bytes().size();
  if (size > now && size - now > FreeBytes()) {
    return Error(ENOSPC, path, Operation::kTruncate);
  }
  node.file.Truncate(size);
  return verdict.status;
}

absl::Status MemoryDisk::Sync(DiskNode& node, const std::string& path) {
  const Verdict verdict = Judge(Operation::kSync, path);
  if (lies_of_files_ || (crashed_ && verdict.part == 0)) return verdict.status;
  if (verdict.part == kWhole) {
    node.file.Sync();
  } else {
    node.file.FailToSync(chance_);
  }
  return verdict.status;
}

absl::StatusOr<std::shared_ptr<DiskNode>> MemoryDisk::FindOrMake(
    const std::string& path, OpenMode mode) {
  const Verdict verdict = Judge(Operation::kOpen, path);
  const Place place = Find(path);
  const auto error = [&path](int number) {
    return Error(number, path, Operation::kOpen);
  };
  if (!verdict.status.ok() && verdict.part < kWhole) return verdict.status;
  if (place.node != nullptr) {
    if (mode == OpenMode::kCreateNew) return error(EEXIST);
    if (place.node->is_folder) return error(EISDIR);
    if (read_only_ && mode != OpenMode::kRead) return error(EROFS);
    if (!verdict.status.ok()) return verdict.status;
    return place.node;
  }
  if (place.folder == nullptr || mode == OpenMode::kRead ||
      mode == OpenMode::kReadWrite) {
    return error(ENOENT);
  }
  if (read_only_) return error(EROFS);
  auto node = std::make_shared<DiskNode>();
  place.folder->folder.Add(place.name, node);
  if (!verdict.status.ok()) return verdict.status;
  return node;
}

absl::StatusOr<std::unique_ptr<File>> MemoryDisk::Open(const std::string& path,
                                                       OpenMode mode) {
  const std::lock_guard lock(mutex_);
  TUCO_ASSIGN_OR_RETURN(std::shared_ptr<DiskNode> node, FindOrMake(path, mode));
  return std::make_unique<OpenFile>(*this, std::move(node), path,
                                    mode != OpenMode::kRead, mounts_);
}

absl::Status MemoryDisk::MakeDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = Judge(Operation::kMakeDirectory, path);
  if (verdict.part < kWhole) return verdict.status;
  const Place place = Find(path);
  if (place.node != nullptr) {
    return Error(EEXIST, path, Operation::kMakeDirectory);
  }
  if (place.folder == nullptr) {
    return Error(ENOENT, path, Operation::kMakeDirectory);
  }
  auto node = std::make_shared<DiskNode>();
  node->is_folder = true;
  place.folder->folder.Add(place.name, std::move(node));
  return verdict.status;
}

absl::StatusOr<FileSystem::PathKind> MemoryDisk::KindOf(
    const std::string& path) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Judge(Operation::kLook, path).status);
  const Place place = Find(path);
  if (place.node == nullptr) return PathKind::kNothing;
  return place.node->is_folder ? PathKind::kDirectory : PathKind::kFile;
}

absl::StatusOr<std::vector<std::string>> MemoryDisk::List(
    const std::string& path) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Judge(Operation::kLook, path).status);
  const Place place = Find(path);
  if (place.node == nullptr) return Error(ENOENT, path, Operation::kLook);
  if (!place.node->is_folder) return Error(ENOTDIR, path, Operation::kLook);
  std::vector<std::string> names;
  for (const auto& entry : place.node->folder.names()) {
    names.push_back(entry.first);
  }
  return names;
}

absl::Status MemoryDisk::Rename(const std::string& from,
                                const std::string& to) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = Judge(Operation::kRename, to);
  if (verdict.part < kWhole) return verdict.status;
  const Place source = Find(from);
  const Place target = Find(to);
  if (source.node == nullptr || target.folder == nullptr) {
    return Error(ENOENT, to, Operation::kRename);
  }
  if (source.folder != target.folder) {
    return Error(EXDEV, to, Operation::kRename);
  }
  source.folder->folder.Rename(source.name, target.name);
  return verdict.status;
}

absl::Status MemoryDisk::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = Judge(Operation::kRemove, path);
  if (verdict.part < kWhole) return verdict.status;
  const Place place = Find(path);
  if (place.node == nullptr) return Error(ENOENT, path, Operation::kRemove);
  if (place.node->is_folder) return Error(EISDIR, path, Operation::kRemove);
  place.folder->folder.Remove(place.name);
  return verdict.status;
}

absl::Status MemoryDisk::SyncDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const Verdict verdict = Judge(Operation::kSyncDirectory, path);
  if (verdict.part < kWhole) return verdict.status;
  const Place place = Find(path);
  if (place.node == nullptr) {
    return Error(ENOENT, path, Operation::kSyncDirectory);
  }
  if (!lies_of_folders_) place.node->folder.Sync();
  return verdict.status;
}

absl::StatusOr<VolumeSpace> MemoryDisk::SpaceAt(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Judge(Operation::kLook, path).status);
  if (Find(path).node == nullptr) return Error(ENOENT, path, Operation::kLook);
  return VolumeSpace{.free_bytes = FreeBytes(), .total_bytes = capacity_};
}

absl::StatusOr<std::uint64_t> MemoryDisk::SizeOf(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Judge(Operation::kLook, path).status);
  const Place place = Find(path);
  if (place.node == nullptr) return Error(ENOENT, path, Operation::kLook);
  return place.node->file.bytes().size();
}

std::uint64_t MemoryDisk::Count(Operation operation) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<std::size_t>(operation)];
}

std::uint64_t MemoryDisk::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

void MemoryDisk::CrashAfter(std::uint64_t operations, Crash crash) {
  const std::lock_guard lock(mutex_);
  crash_ = crash;
  crash_at_ = operations_ + operations;
  crashed_ = operations == 0;
}

bool MemoryDisk::crashed() const {
  const std::lock_guard lock(mutex_);
  return crashed_;
}

// A folder first: what `visit` takes out of it is not visited.
void MemoryDisk::VisitNodes(DiskNode& node,
                            const std::function<void(DiskNode&)>& visit) {
  visit(node);
  for (const auto& entry : node.folder.names())
    VisitNodes(*entry.second, visit);
}

void MemoryDisk::Restart() {
  const std::lock_guard lock(mutex_);
  const bool power_lost = crashed_ && crash_ == Crash::kPowerLoss;
  VisitNodes(*root_, [power_lost, &chance = chance_](DiskNode& node) {
    node.locked_by = nullptr;
    if (!power_lost) return;
    node.folder.LosePower(chance);
    node.file.LosePower(chance);
  });
  crashed_ = false;
  crash_at_ = kForever;
  faults_.clear();
  ++mounts_;
}

void MemoryDisk::Inject(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void MemoryDisk::ClearFaults() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

bool MemoryDisk::faults_done() const {
  const std::lock_guard lock(mutex_);
  return faults_.empty();
}

void MemoryDisk::SetReadOnly(bool read_only) {
  const std::lock_guard lock(mutex_);
  read_only_ = read_only;
}

void MemoryDisk::SetCapacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void MemoryDisk::SetTaken(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  taken_ = bytes;
}

std::uint64_t MemoryDisk::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return capacity_ - FreeBytes();
}

void MemoryDisk::SetLieAboutSync(bool files, bool folders) {
  const std::lock_guard lock(mutex_);
  lies_of_files_ = files;
  lies_of_folders_ = folders;
}

std::string MemoryDisk::Contents(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return FileAt(path).file.bytes();
}

void MemoryDisk::SetContents(const std::string& path, std::string bytes) {
  const std::lock_guard lock(mutex_);
  FileAt(path).file.Replace(std::move(bytes));
}

void MemoryDisk::FlipBit(const std::string& path, std::uint64_t bit) {
  std::string bytes = Contents(path);
  bytes.at(bit / 8) = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  SetContents(path, std::move(bytes));
}

void MemoryDisk::Delete(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const Place place = Find(path);
  if (place.node == nullptr) std::abort();
  place.folder->folder.Remove(place.name);
  place.folder->folder.Sync();
}

void MemoryDisk::Swap(const std::string& path, const std::string& other) {
  const std::lock_guard lock(mutex_);
  const Place one = Find(path);
  const Place two = Find(other);
  if (one.node == nullptr || one.folder != two.folder) std::abort();
  one.folder->folder.Swap(one.name, two.name);
}

}  // namespace tuco::base
