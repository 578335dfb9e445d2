#include "server/log/disk_reserve.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <random>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"

namespace tuco::log {
namespace {

using base::FileSystem;

constexpr std::uint64_t kReserveBytesMax = std::uint64_t{1} << 30;
constexpr std::uint64_t kReserveFraction = 20;  // 5 %.

constexpr char kName[] = "/ballast";
// Its name while it is being written.
constexpr char kUnfinished[] = ".new";
constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

// Bytes that no file system stores as less: not zeros, not twice the same.
std::string NextBlock(std::mt19937_64& random, std::uint64_t size) {
  std::string block;
  while (block.size() < size) {
    std::uint64_t word = random();
    for (std::size_t i = 0; i < sizeof(word); ++i, word >>= 8) {
      block.push_back(static_cast<char>(word));
    }
  }
  block.resize(size);
  return block;
}

// As people read it: whole units, rounded down.
std::string InWords(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 3> kUnits = {"bytes", "KiB",
                                                             "MiB"};
  std::size_t unit = 0;
  for (; unit + 1 < kUnits.size() && bytes >= 10'240; ++unit) bytes /= 1'024;
  return std::to_string(bytes) + " " + std::string(kUnits[unit]);
}

absl::Status RemoveIfThere(FileSystem& files, const std::string& path) {
  absl::Status removed = files.Remove(path);
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

}  // namespace

DiskReserve::DiskReserve(const DiskReserveOptions& options)
    : options_(options), path_(options.directory + kName) {}

absl::Status DiskReserve::Check(TimePoint now) {
  if (options_.reserve_bytes == 0) return absl::OkStatus();
  if (enough_at_ && now - *enough_at_ < options_.check_interval) {
    return absl::OkStatus();
  }
  absl::Status status = CheckSpace();
  enough_at_.reset();
  if (status.ok()) enough_at_ = now;
  return status;
}

absl::Status DiskReserve::CheckSpace() {
  const absl::StatusOr<base::VolumeSpace> space =
      options_.files.SpaceAt(options_.directory);
  if (!space.ok()) {
    if (space_known_) {
      base::Log(base::Severity::kWarning,
                "it is not known how much space there is: events are appended "
                "until there is none",
                {{"error", absl::StrCat(space.status().message())}});
    }
    space_known_ = false;
    return absl::OkStatus();
  }
  space_known_ = true;
  const std::uint64_t wanted =
      ReserveOf(*space) + (released_ ? options_.ballast_bytes : 0);
  if (space->free_bytes >= wanted) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      options_.directory, " has ", InWords(space->free_bytes), " free and ",
      InWords(wanted),
      " are kept in reserve: nothing is appended until there is more"));
}

std::uint64_t DiskReserve::ReserveOf(const base::VolumeSpace& space) const {
  return options_.reserve_bytes.value_or(
      std::min(space.total_bytes / kReserveFraction, kReserveBytesMax));
}

absl::Status DiskReserve::MakeBallast() {
  if (options_.ballast_bytes == 0) return absl::OkStatus();
  // Of an attempt that a crash has ended.
  TUCO_RETURN_IF_ERROR(RemoveIfThere(options_.files, path_ + kUnfinished));
  TUCO_ASSIGN_OR_RETURN(const bool there, HasBallast());
  if (!there) {
    TUCO_RETURN_IF_ERROR(CheckRoom());
    absl::Status written = WriteBallast(path_ + kUnfinished);
    if (!written.ok()) {
      RemoveIfThere(options_.files, path_ + kUnfinished).IgnoreError();
      return written;
    }
    TUCO_RETURN_IF_ERROR(options_.files.Rename(path_ + kUnfinished, path_));
  }
  released_ = false;
  return options_.files.SyncDirectory(options_.directory);
}

absl::StatusOr<bool> DiskReserve::HasBallast() {
  const absl::StatusOr<std::unique_ptr<base::File>> file =
      options_.files.Open(path_, FileSystem::OpenMode::kRead);
  if (absl::IsNotFound(file.status())) return false;
  TUCO_RETURN_IF_ERROR(file.status());
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t size, (*file)->Size());
  if (size == options_.ballast_bytes) return true;
  TUCO_RETURN_IF_ERROR(options_.files.Remove(path_));
  return false;
}

absl::Status DiskReserve::CheckRoom() {
  TUCO_ASSIGN_OR_RETURN(const base::VolumeSpace space,
                        options_.files.SpaceAt(options_.directory));
  const std::uint64_t wanted = ReserveOf(space) + options_.ballast_bytes;
  if (space.free_bytes >= wanted) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      options_.directory, " has ", InWords(space.free_bytes),
      " free, and the ballast is made where there are ", InWords(wanted)));
}

absl::Status DiskReserve::WriteBallast(const std::string& path) {
  TUCO_ASSIGN_OR_RETURN(
      const std::unique_ptr<base::File> file,
      options_.files.Open(path, FileSystem::OpenMode::kCreateNew));
  std::mt19937_64 random(std::mt19937_64::default_seed);
  for (std::uint64_t at = 0; at < options_.ballast_bytes;) {
    const std::string block = NextBlock(
        random,
        std::min<std::uint64_t>(kBlockBytes, options_.ballast_bytes - at));
    TUCO_RETURN_IF_ERROR(file->WriteAt(at, block));
    at += block.size();
  }
  return file->Sync();
}

absl::Status DiskReserve::Release() {
  TUCO_RETURN_IF_ERROR(RemoveIfThere(options_.files, path_));
  TUCO_RETURN_IF_ERROR(RemoveIfThere(options_.files, path_ + kUnfinished));
  released_ = true;
  return absl::OkStatus();
}

}  // namespace tuco::log
