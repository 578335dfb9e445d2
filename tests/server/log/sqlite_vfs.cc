#include "tests/server/log/sqlite_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tuco::log {
namespace {

using base::File;
using base::FileSystem;

constexpr int kSectorBytes = 4096;
constexpr int kPageBytes = 4096;
// SQLite's own VFS looks at the lower bits only of a larger number.
constexpr int kTransferBytesMax = 0x1ffff;

// What the thread's last failed call said, for xGetLastError.
thread_local int last_errno = 0;

// `result`, having noted why.
int Failed(const absl::Status& status, int result) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      last_errno = ENOSPC;
      break;
    case absl::StatusCode::kPermissionDenied:
      last_errno = EROFS;
      break;
    case absl::StatusCode::kNotFound:
      last_errno = ENOENT;
      break;
    default:
      last_errno = EIO;
  }
  return result;
}

std::string NewName() {
  static std::atomic<int> number = 0;
  return "tuco_test_" + std::to_string(++number);
}

struct OpenFile;

// The locks on a database file, of which each connection holds one level.
struct FileLocks {
  int shared = 0;
  const OpenFile* reserved = nullptr;
  const OpenFile* pending = nullptr;
  const OpenFile* exclusive = nullptr;
};

// The index of a write-ahead log. What is in the file of its name is never
// read: the first to open it begins anew.
struct SharedMemory {
  std::unique_ptr<File> file;
  std::vector<std::unique_ptr<char[]>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shared{};
  std::array<const OpenFile*, SQLITE_SHM_NLOCK> exclusive{};
};

// What all connections of a VFS share.
struct Vfs {
  explicit Vfs(FileSystem& file_system) : files(file_system) {}

  FileSystem& files;
  const std::string name = NewName();
  sqlite3_vfs* const own = sqlite3_vfs_find(nullptr);  // SQLite's.

  std::mutex mutex;
  std::map<std::string, FileLocks> locks ABSL_GUARDED_BY(mutex);
  // Gone when the last connection lets go of it.
  std::map<std::string, std::weak_ptr<SharedMemory>> memory
      ABSL_GUARDED_BY(mutex);
};

// What a connection has of a file.
struct OpenFile {
  Vfs* vfs;
  std::string path;
  std::unique_ptr<File> file;
  bool delete_on_close = false;
  bool sync_folder = false;  // With the first sync.
  bool persistent_wal = false;
  int last_errno = 0;  // Of a write.
  int level = SQLITE_LOCK_NONE;
  std::shared_ptr<SharedMemory> memory;
  unsigned shared_slots = 0;  // Bits.
  unsigned exclusive_slots = 0;
};

// What SQLite allocates for a file.
struct Slot {
  sqlite3_file base;
  OpenFile* file;
};

OpenFile& Of(sqlite3_file* file) {
  return *reinterpret_cast<Slot*>(file)->file;
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

int Unlock(sqlite3_file* handle, int level) {
  OpenFile& file = Of(handle);
  const std::lock_guard lock(file.vfs->mutex);
  FileLocks& locks = file.vfs->locks[file.path];
  if (level >= file.level) return SQLITE_OK;
  for (const OpenFile** holder :
       {&locks.reserved, &locks.pending, &locks.exclusive}) {
    if (*holder == &file) *holder = nullptr;
  }
  if (level == SQLITE_LOCK_NONE) --locks.shared;
  file.level = level;
  return SQLITE_OK;
}

bool HeldByAnother(const OpenFile* holder, const OpenFile& file) {
  return holder != nullptr && holder != &file;
}

int Lock(sqlite3_file* handle, int level) {
  OpenFile& file = Of(handle);
  const std::lock_guard lock(file.vfs->mutex);
  FileLocks& locks = file.vfs->locks[file.path];
  if (level <= file.level) return SQLITE_OK;
  if (HeldByAnother(locks.pending, file) ||
      HeldByAnother(locks.exclusive, file)) {
    return SQLITE_BUSY;
  }
  if (level == SQLITE_LOCK_SHARED) {
    ++locks.shared;
  } else if (HeldByAnother(locks.reserved, file)) {
    return SQLITE_BUSY;
  } else if (level == SQLITE_LOCK_RESERVED) {
    locks.reserved = &file;
  } else {
    locks.pending = &file;
    if (locks.shared > 1) {
      file.level = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    locks.exclusive = &file;
  }
  file.level = level;
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* handle, int* held) {
  OpenFile& file = Of(handle);
  const std::lock_guard lock(file.vfs->mutex);
  const FileLocks& locks = file.vfs->locks[file.path];
  *held = locks.reserved != nullptr || locks.exclusive != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int ShmUnmap(sqlite3_file* handle, int delete_file) {
  OpenFile& file = Of(handle);
  if (file.memory == nullptr) return SQLITE_OK;
  const std::lock_guard lock(file.vfs->mutex);
  const bool last = file.memory.use_count() == 1;
  file.memory.reset();
  if (last && delete_file != 0) {
    // As in SQLite nobody cares.
    file.vfs->files.Remove(file.path + "-shm").IgnoreError();
  }
  return SQLITE_OK;
}

int OpenMemory(OpenFile& file) ABSL_EXCLUSIVE_LOCKS_REQUIRED(file.vfs->mutex) {
  std::weak_ptr<SharedMemory>& known = file.vfs->memory[file.path];
  file.memory = known.lock();
  if (file.memory != nullptr) return SQLITE_OK;
  auto opened = file.vfs->files.Open(file.path + "-shm",
                                     FileSystem::OpenMode::kReadWriteOrCreate);
  if (!opened.ok()) return Failed(opened.status(), SQLITE_CANTOPEN);
  const absl::Status emptied = (*opened)->Truncate(0);
  if (!emptied.ok()) return Failed(emptied, SQLITE_IOERR_SHMOPEN);
  file.memory = std::make_shared<SharedMemory>();
  file.memory->file = *std::move(opened);
  known = file.memory;
  return SQLITE_OK;
}

int ShmMap(sqlite3_file* handle, int region, int size, int extend,
           void volatile** out) {
  OpenFile& file = Of(handle);
  const std::lock_guard lock(file.vfs->mutex);
  *out = nullptr;
  if (file.memory == nullptr) {
    const int result = OpenMemory(file);
    if (result != SQLITE_OK) return result;
  }
  SharedMemory& memory = *file.memory;
  const auto wanted = static_cast<std::size_t>(region);
  const auto bytes = static_cast<std::size_t>(size);
  if (wanted >= memory.regions.size() && extend == 0) return SQLITE_OK;
  while (memory.regions.size() <= wanted) {
    // A byte a page makes sure of the space.
    for (std::size_t at = 0; at < bytes; at += kPageBytes) {
      const absl::Status written = memory.file->WriteAt(
          memory.regions.size() * bytes + at + kPageBytes - 1,
          std::string_view("\0", 1));
      if (!written.ok()) return Failed(written, SQLITE_IOERR_SHMSIZE);
    }
    memory.regions.push_back(std::make_unique<char[]>(bytes));
  }
  *out = memory.regions[wanted].get();
  return SQLITE_OK;
}

bool MayTake(const SharedMemory& memory, const OpenFile& file, std::size_t slot,
             bool exclusive) {
  if (HeldByAnother(memory.exclusive[slot], file)) return false;
  const bool shares = (file.shared_slots >> slot & 1) != 0;
  return !exclusive || memory.shared[slot] == (shares ? 1 : 0);
}

void SetSlot(SharedMemory& memory, OpenFile& file, std::size_t slot,
             int flags) {
  const unsigned bit = 1U << slot;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    if ((file.shared_slots & bit) != 0) --memory.shared[slot];
    if ((file.exclusive_slots & bit) != 0) memory.exclusive[slot] = nullptr;
    file.shared_slots &= ~bit;
    file.exclusive_slots &= ~bit;
  } else if ((flags & SQLITE_SHM_SHARED) != 0) {
    if ((file.shared_slots & bit) == 0) ++memory.shared[slot];
    file.shared_slots |= bit;
  } else {
    memory.exclusive[slot] = &file;
    file.exclusive_slots |= bit;
  }
}

int ShmLock(sqlite3_file* handle, int offset, int count, int flags) {
  OpenFile& file = Of(handle);
  const std::lock_guard lock(file.vfs->mutex);
  SharedMemory& memory = *file.memory;
  const auto first = static_cast<std::size_t>(offset);
  const std::size_t end = first + static_cast<std::size_t>(count);
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    for (std::size_t slot = first; slot < end; ++slot) {
      if (!MayTake(memory, file, slot, (flags & SQLITE_SHM_EXCLUSIVE) != 0)) {
        return SQLITE_BUSY;
      }
    }
  }
  for (std::size_t slot = first; slot < end; ++slot) {
    SetSlot(memory, file, slot, flags);
  }
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file*) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

int Close(sqlite3_file* handle) {
  const std::unique_ptr<OpenFile> file(&Of(handle));
  Unlock(handle, SQLITE_LOCK_NONE);
  ShmUnmap(handle, 0);
  if (file->delete_on_close) file->vfs->files.Remove(file->path).IgnoreError();
  return SQLITE_OK;
}

int Read(sqlite3_file* handle, void* to, int size, sqlite3_int64 offset) {
  if (size > kTransferBytesMax) return SQLITE_MISUSE;
  const std::span<char> bytes(static_cast<char*>(to),
                              static_cast<std::size_t>(size));
  const auto count =
      Of(handle).file->ReadAt(static_cast<std::uint64_t>(offset), bytes);
  if (!count.ok()) return Failed(count.status(), SQLITE_IOERR_READ);
  if (*count == bytes.size()) return SQLITE_OK;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(*count), bytes.end(),
            '\0');
  return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* handle, const void* bytes, int size,
          sqlite3_int64 offset) {
  if (size > kTransferBytesMax) return SQLITE_MISUSE;
  const absl::Status status = Of(handle).file->WriteAt(
      static_cast<std::uint64_t>(offset),
      {static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
  if (status.ok()) return SQLITE_OK;
  if (absl::IsResourceExhausted(status)) return SQLITE_FULL;
  const int result = Failed(status, SQLITE_IOERR_WRITE);
  Of(handle).last_errno = last_errno;
  return result;
}

int Truncate(sqlite3_file* handle, sqlite3_int64 size) {
  const absl::Status status =
      Of(handle).file->Truncate(static_cast<std::uint64_t>(size));
  return status.ok() ? SQLITE_OK : Failed(status, SQLITE_IOERR_TRUNCATE);
}

int Sync(sqlite3_file* handle, int) {
  OpenFile& file = Of(handle);
  const absl::Status status = file.file->Sync();
  if (!status.ok()) return Failed(status, SQLITE_IOERR_FSYNC);
  if (std::exchange(file.sync_folder, false)) {
    file.vfs->files.SyncDirectory(FolderOf(file.path)).IgnoreError();
  }
  return SQLITE_OK;
}

int FileSize(sqlite3_file* handle, sqlite3_int64* size) {
  const auto found = Of(handle).file->Size();
  if (!found.ok()) return Failed(found.status(), SQLITE_IOERR_FSTAT);
  *size = static_cast<sqlite3_int64>(*found);
  return SQLITE_OK;
}

int FileControl(sqlite3_file* handle, int operation, void* argument) {
  OpenFile& file = Of(handle);
  int* const value = static_cast<int*>(argument);
  switch (operation) {
    case SQLITE_FCNTL_PERSIST_WAL:
      if (*value >= 0) file.persistent_wal = *value != 0;
      *value = file.persistent_wal ? 1 : 0;
      return SQLITE_OK;
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
      *value = 1;
      return SQLITE_OK;
    case SQLITE_FCNTL_LAST_ERRNO:
      *value = file.last_errno;
      return SQLITE_OK;
    default:
      return SQLITE_NOTFOUND;
  }
}

const sqlite3_io_methods kMethods = {
    .iVersion = 2,  // Without memory mapping, which the log does not use.
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReservedLock,
    .xFileControl = FileControl,
    .xSectorSize = [](sqlite3_file*) { return kSectorBytes; },
    .xDeviceCharacteristics =
        [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
    .xShmMap = ShmMap,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = ShmUnmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

Vfs& Of(sqlite3_vfs* vfs) { return *static_cast<Vfs*>(vfs->pAppData); }

FileSystem::OpenMode ModeOf(int flags) {
  if ((flags & SQLITE_OPEN_READWRITE) == 0) return FileSystem::OpenMode::kRead;
  if ((flags & SQLITE_OPEN_CREATE) == 0) {
    return FileSystem::OpenMode::kReadWrite;
  }
  return (flags & SQLITE_OPEN_EXCLUSIVE) != 0
             ? FileSystem::OpenMode::kCreateNew
             : FileSystem::OpenMode::kReadWriteOrCreate;
}

int Open(sqlite3_vfs* registered, const char* name, sqlite3_file* handle,
         int flags, int* out_flags) {
  Vfs& vfs = Of(registered);
  handle->pMethods = nullptr;
  if (name == nullptr) {  // Where it spills, which is not the disk's business.
    return vfs.own->xOpen(vfs.own, name, handle, flags, out_flags);
  }
  auto opened = vfs.files.Open(name, ModeOf(flags));
  if (!opened.ok() && (flags & SQLITE_OPEN_READWRITE) != 0) {
    flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
            SQLITE_OPEN_READONLY;
    opened = vfs.files.Open(name, FileSystem::OpenMode::kRead);
  }
  if (!opened.ok()) return Failed(opened.status(), SQLITE_CANTOPEN);
  Slot* const slot = new (handle) Slot{};
  slot->file =
      new OpenFile{.vfs = &vfs, .path = name, .file = *std::move(opened)};
  slot->file->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  slot->file->sync_folder =
      (flags & SQLITE_OPEN_CREATE) != 0 &&
      (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  slot->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* registered, const char* name, int sync_folder) {
  FileSystem& files = Of(registered).files;
  absl::Status status = files.Remove(name);
  if (absl::IsNotFound(status)) return SQLITE_IOERR_DELETE_NOENT;
  if (!status.ok()) return Failed(status, SQLITE_IOERR_DELETE);
  if (sync_folder == 0) return SQLITE_OK;
  status = files.SyncDirectory(FolderOf(name));
  return status.ok() ? SQLITE_OK : Failed(status, SQLITE_IOERR_DIR_FSYNC);
}

// An empty file counts as none, and so does one that cannot be looked at.
int Access(sqlite3_vfs* registered, const char* name, int, int* result) {
  FileSystem& files = Of(registered).files;
  const auto file = files.Open(name, FileSystem::OpenMode::kRead);
  *result = file.ok() && (*file)->Size().value_or(0) > 0 ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

}  // namespace

class SqliteVfs::Registration {
 public:
  explicit Registration(FileSystem& files)
      : shared_(files), vfs_(*shared_.own) {
    vfs_.iVersion = 2;  // Without replaceable system calls.
    vfs_.szOsFile = std::max(vfs_.szOsFile, static_cast<int>(sizeof(Slot)));
    vfs_.pNext = nullptr;
    vfs_.zName = shared_.name.c_str();
    vfs_.pAppData = &shared_;
    vfs_.xOpen = Open;
    vfs_.xDelete = Delete;
    vfs_.xAccess = Access;
    vfs_.xFullPathname = FullPathname;
    vfs_.xSleep = [](sqlite3_vfs*, int microseconds) { return microseconds; };
    vfs_.xGetLastError = [](sqlite3_vfs*, int, char*) { return last_errno; };
    sqlite3_vfs_register(&vfs_, /*makeDflt=*/0);
  }
  ~Registration() { sqlite3_vfs_unregister(&vfs_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  const std::string& name() const { return shared_.name; }

 private:
  Vfs shared_;
  sqlite3_vfs vfs_;
};

SqliteVfs::SqliteVfs(base::FileSystem& files)
    : registration_(std::make_unique<Registration>(files)) {}
SqliteVfs::~SqliteVfs() = default;

const std::string& SqliteVfs::name() const { return registration_->name(); }

}  // namespace tuco::log
