#include "tests/server/log/faulty_disk.h"

#include <sqlite3.h>

#include <new>

namespace tuco::log {
namespace {

FaultyDisk* disk = nullptr;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs faulty_vfs;

// What SQLite sees as an open file; the real one lies right behind it.
struct OpenFile {
  sqlite3_file base;
  FaultyDisk::File* faults;  // None for files that are never in the way.
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

OpenFile* Ours(sqlite3_file* file) { return reinterpret_cast<OpenFile*>(file); }

// Calls the real file's method of the same place.
template <auto Method, typename... Args>
int PassOn(sqlite3_file* file, Args... args) {
  sqlite3_file* const real = Ours(file)->real();
  return (real->pMethods->*Method)(real, args...);
}

int Write(sqlite3_file* file, const void* bytes, int size,
          sqlite3_int64 offset) {
  FaultyDisk::File* const faults = Ours(file)->faults;
  if (faults != nullptr && faults->write_result != 0 &&
      faults->writes_before-- <= 0) {
    return faults->write_result;
  }
  return PassOn<&sqlite3_io_methods::xWrite>(file, bytes, size, offset);
}

int Sync(sqlite3_file* file, int flags) {
  FaultyDisk::File* const faults = Ours(file)->faults;
  if (faults != nullptr) {
    ++faults->syncs;
    if (faults->sync_result != 0) return faults->sync_result;
  }
  return PassOn<&sqlite3_io_methods::xSync>(file, flags);
}

template <auto Method>
int PassOnVoid(sqlite3_file* file, int argument) {
  return PassOn<Method>(file, argument);
}

void ShmBarrier(sqlite3_file* file) {
  sqlite3_file* const real = Ours(file)->real();
  real->pMethods->xShmBarrier(real);
}

using Methods = sqlite3_io_methods;
const Methods kMethods = {
    .iVersion = 2,  // Without memory mapping, which the log does not use.
    .xClose = [](sqlite3_file* f) { return PassOn<&Methods::xClose>(f); },
    .xRead =
        [](sqlite3_file* f, void* to, int size, sqlite3_int64 offset) {
          return PassOn<&Methods::xRead>(f, to, size, offset);
        },
    .xWrite = Write,
    .xTruncate =
        [](sqlite3_file* f, sqlite3_int64 size) {
          return PassOn<&Methods::xTruncate>(f, size);
        },
    .xSync = Sync,
    .xFileSize =
        [](sqlite3_file* f, sqlite3_int64* size) {
          return PassOn<&Methods::xFileSize>(f, size);
        },
    .xLock = PassOnVoid<&Methods::xLock>,
    .xUnlock = PassOnVoid<&Methods::xUnlock>,
    .xCheckReservedLock =
        [](sqlite3_file* f, int* out) {
          return PassOn<&Methods::xCheckReservedLock>(f, out);
        },
    .xFileControl =
        [](sqlite3_file* f, int op, void* argument) {
          return PassOn<&Methods::xFileControl>(f, op, argument);
        },
    .xSectorSize =
        [](sqlite3_file* f) { return PassOn<&Methods::xSectorSize>(f); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) {
          return PassOn<&Methods::xDeviceCharacteristics>(f);
        },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend,
           void volatile** out) {
          return PassOn<&Methods::xShmMap>(f, page, size, extend, out);
        },
    .xShmLock =
        [](sqlite3_file* f, int offset, int count, int flags) {
          return PassOn<&Methods::xShmLock>(f, offset, count, flags);
        },
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = PassOnVoid<&Methods::xShmUnmap>,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  OpenFile* const ours = new (file) OpenFile{};
  if (flags & SQLITE_OPEN_MAIN_DB) ours->faults = &disk->main;
  if (flags & SQLITE_OPEN_WAL) ours->faults = &disk->wal;
  const int result =
      real_vfs->xOpen(real_vfs, name, ours->real(), flags, out_flags);
  ours->base.pMethods = ours->real()->pMethods == nullptr ? nullptr : &kMethods;
  return result;
}

}  // namespace

FaultyDisk::FaultyDisk() {
  disk = this;
  real_vfs = sqlite3_vfs_find(nullptr);
  faulty_vfs = *real_vfs;
  faulty_vfs.zName = "faulty";
  faulty_vfs.szOsFile += static_cast<int>(sizeof(OpenFile));
  faulty_vfs.xOpen = Open;
  // Whoever waits for a lock has waited long enough at once.
  faulty_vfs.xSleep = [](sqlite3_vfs*, int microseconds) {
    return microseconds;
  };
  sqlite3_vfs_register(&faulty_vfs, /*makeDflt=*/1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&faulty_vfs);
  sqlite3_vfs_register(real_vfs, /*makeDflt=*/1);
  disk = nullptr;
}

}  // namespace tuco::log
