// A disk in memory that a test can do anything to: cut its power, fill it, make
// it fail, make it lie, and damage what is on it.
//
//   MemoryDisk disk(seed);
//   disk.CrashAfter(100, MemoryDisk::Crash::kPowerLoss);
//   ... use it until everything fails, then close what was open ...
//   disk.Restart();
//   ... what is there now is what the disk would have had ...
//
// The same calls by one thread with the same seed have the same end.

#ifndef TUCO_TESTS_SERVER_BASE_MEMORY_DISK_H_
#define TUCO_TESTS_SERVER_BASE_MEMORY_DISK_H_

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/file_system.h"
#include "tests/server/base/disk_content.h"

namespace tuco::base {

// Stricter than most real disks: what was not synced may be there in any part
// (disk_content.h), also a name whose folder was not. Safe for concurrent use.
// Its files must not outlive it.
class MemoryDisk final : public FileSystem {
 public:
  enum class Operation {
    kOpen,
    kRead,
    kWrite,
    kTruncate,
    kSync,
    kSyncDirectory,
    kRename,
    kRemove,
    kMakeDirectory,
    kLook,  // Size, KindOf, List, SpaceAt, SizeOf.
    kLock,
  };
  static constexpr std::size_t kOperationCount = 11;
  static constexpr std::uint64_t kForever =
      std::numeric_limits<std::uint64_t>::max();

  // Has one empty folder, "/".
  explicit MemoryDisk(std::uint64_t seed) : chance_(seed) {
    root_->is_folder = true;
  }

  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path,
                                             OpenMode mode) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::StatusOr<PathKind> KindOf(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<VolumeSpace> SpaceAt(const std::string& path) override;
  absl::StatusOr<std::uint64_t> SizeOf(const std::string& path) override;

  // Calls of `operation`, and of every kind, since the beginning.
  std::uint64_t Count(Operation operation) const;
  std::uint64_t operations() const;

  // How everything ends.
  enum class Crash {
    kProcessDeath,  // What was written is there, synced or not.
    kPowerLoss,     // What was not synced may be gone.
  };
  // Crashes in the midst of call number `operations` from now, counted from
  // 1, and with 0 at once. From then on each call fails.
  void CrashAfter(std::uint64_t operations, Crash crash);
  // Whether it has crashed and was not restarted.
  bool crashed() const;
  // Mounts the disk again. Files that were opened before fail for ever; locks
  // and faults are gone. Without a crash it is as if the process had died.
  void Restart();

  // Calls that go wrong.
  struct Fault {
    Operation operation = Operation::kWrite;
    std::uint64_t skip = 0;   // So many calls go well first,
    std::uint64_t count = 1;  // and so many fail then.
    int error_number = EIO;
    bool partly = false;      // Whether a write does part of its work.
    std::string ending = {};  // Of the path; other files are left alone.
  };
  // A fault goes when it has happened.
  void Inject(Fault fault);
  void ClearFaults();
  // Whether every fault that was injected has happened.
  bool faults_done() const;

  // As a file system that was mounted anew for reading only.
  void SetReadOnly(bool read_only);
  // Bytes that all files together may have; a write that goes beyond does what
  // fits and fails with ENOSPC.
  void SetCapacity(std::uint64_t bytes);
  // Bytes of it that others have taken.
  void SetTaken(std::uint64_t bytes);
  std::uint64_t used_bytes() const;
  // Whether syncs, of files or of folders, return OK and do nothing.
  void SetLieAboutSync(bool files, bool folders);

  // Damage, which is on stable storage at once. The file must be there.
  std::string Contents(const std::string& path) const;
  void SetContents(const std::string& path, std::string bytes);
  void FlipBit(const std::string& path, std::uint64_t bit);
  void Delete(const std::string& path);
  void Swap(const std::string& path, const std::string& other);

 private:
  class OpenFile;

  // What is to become of a call: its status, and how much of its work is done,
  // as a fraction of 256.
  struct Verdict {
    absl::Status status;
    std::uint64_t part = 256;
  };
  // Where a name stands.
  struct Place {
    DiskNode* folder = nullptr;  // None when the folder is not there.
    std::string name;
    std::shared_ptr<DiskNode> node;  // None when the name is not there.
  };

  Verdict Judge(Operation operation, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<Verdict> JudgeFault(Operation operation,
                                    const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Write(DiskNode& node, const std::string& path,
                     std::uint64_t offset, std::string_view bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Resize(DiskNode& node, const std::string& path,
                      std::uint64_t size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Sync(DiskNode& node, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::shared_ptr<DiskNode>> FindOrMake(const std::string& path,
                                                       OpenMode mode)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Place Find(const std::string& path) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  DiskNode& FileAt(const std::string& path) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t FreeBytes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void VisitNodes(DiskNode& node,
                         const std::function<void(DiskNode&)>& visit);

  mutable std::mutex mutex_;
  DiskChance chance_ ABSL_GUARDED_BY(mutex_);
  const std::shared_ptr<DiskNode> root_ = std::make_shared<DiskNode>();
  std::array<std::uint64_t, kOperationCount> counts_
      ABSL_GUARDED_BY(mutex_) = {};
  std::uint64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;

  std::uint64_t crash_at_ ABSL_GUARDED_BY(mutex_) = kForever;
  Crash crash_ ABSL_GUARDED_BY(mutex_) = Crash::kProcessDeath;
  bool crashed_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t mounts_ ABSL_GUARDED_BY(mutex_) = 1;

  std::vector<Fault> faults_ ABSL_GUARDED_BY(mutex_);
  bool read_only_ ABSL_GUARDED_BY(mutex_) = false;
  bool lies_of_files_ ABSL_GUARDED_BY(mutex_) = false;
  bool lies_of_folders_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t capacity_ ABSL_GUARDED_BY(mutex_) = std::uint64_t{1} << 40;
  std::uint64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tuco::base

#endif  // TUCO_TESTS_SERVER_BASE_MEMORY_DISK_H_
