#include "server/log/high_water_mark.h"

#include <algorithm>
#include <array>

#include "server/base/status_macros.h"
#include "tuco/crc32c.h"

namespace tuco::log {
namespace {

using base::FileSystem;

constexpr std::string_view kMagic = "TUCOMARK";
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kCrcBytes = 4;
constexpr std::size_t kMarkBytes = kMagic.size() + 2 * kNumberBytes + kCrcBytes;
// Apart, so that no sector has both.
constexpr std::uint64_t kPlaceBytes = 512;
constexpr std::size_t kPlaces = 2;

void AppendNumber(std::uint64_t value, std::size_t size, std::string& to) {
  for (std::size_t i = 0; i < size; ++i, value >>= 8) {
    to.push_back(static_cast<char>(value));
  }
}

std::uint64_t NumberAt(std::string_view bytes, std::size_t at,
                       std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

}  // namespace

std::string EncodeMark(const Mark& mark) {
  std::string bytes(kMagic);
  AppendNumber(mark.epoch, kNumberBytes, bytes);
  AppendNumber(mark.sequence, kNumberBytes, bytes);
  AppendNumber(ExtendCrc32c(0, bytes), kCrcBytes, bytes);
  return bytes;
}

std::optional<Mark> DecodeMark(std::string_view bytes) {
  if (bytes.size() < kMarkBytes || !bytes.starts_with(kMagic)) {
    return std::nullopt;
  }
  constexpr std::size_t kCrcAt = kMarkBytes - kCrcBytes;
  if (NumberAt(bytes, kCrcAt, kCrcBytes) !=
      ExtendCrc32c(0, bytes.substr(0, kCrcAt))) {
    return std::nullopt;
  }
  return Mark{
      .epoch = NumberAt(bytes, kMagic.size(), kNumberBytes),
      .sequence = NumberAt(bytes, kMagic.size() + kNumberBytes, kNumberBytes)};
}

std::optional<Mark> ReadMark(FileSystem& files, const std::string& directory) {
  const absl::StatusOr<std::unique_ptr<base::File>> file =
      files.Open(directory + "/mark", FileSystem::OpenMode::kRead);
  if (!file.ok()) return std::nullopt;
  std::optional<Mark> newest;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    std::array<char, kMarkBytes> bytes{};
    const absl::StatusOr<std::size_t> size =
        (*file)->ReadAt(place * kPlaceBytes, bytes);
    if (!size.ok()) continue;
    newest = std::max(newest, DecodeMark({bytes.data(), *size}));
  }
  return newest;
}

absl::StatusOr<std::unique_ptr<HighWaterMark>> HighWaterMark::Open(
    FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/mark";
  TUCO_ASSIGN_OR_RETURN(const FileSystem::PathKind kind, files.KindOf(path));
  TUCO_ASSIGN_OR_RETURN(
      std::unique_ptr<base::File> file,
      files.Open(path, FileSystem::OpenMode::kReadWriteOrCreate));
  std::unique_ptr<HighWaterMark> mark(new HighWaterMark(std::move(file)));
  TUCO_RETURN_IF_ERROR(mark->Load());
  if (kind == FileSystem::PathKind::kNothing) {
    TUCO_RETURN_IF_ERROR(files.SyncDirectory(directory));
  }
  return mark;
}

absl::Status HighWaterMark::Load() {
  bool empty = true;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    std::array<char, kMarkBytes> bytes{};
    TUCO_ASSIGN_OR_RETURN(const std::size_t size,
                          file_->ReadAt(place * kPlaceBytes, bytes));
    const std::string_view read(bytes.data(), size);
    empty &= read.find_first_not_of('\0') == std::string_view::npos;
    const std::optional<Mark> mark = DecodeMark(read);
    if (!mark.has_value() || (found_.has_value() && *mark < *found_)) continue;
    found_ = mark;
    // The next one goes to the other place.
    place_ = (place + 1) % kPlaces;
  }
  damaged_ = !empty && !found_.has_value();
  // No write needs space from here on.
  return file_->Truncate(kPlaces * kPlaceBytes);
}

absl::Status HighWaterMark::WriteAt(std::size_t place, const Mark& mark) {
  return file_->WriteAt(place * kPlaceBytes, EncodeMark(mark));
}

absl::Status HighWaterMark::Settle() {
  if (settled_) return absl::OkStatus();
  if (found_.has_value()) {
    // Written anew: what a failed sync gave up is not written by another one.
    TUCO_RETURN_IF_ERROR(WriteAt((place_ + 1) % kPlaces, *found_));
    TUCO_RETURN_IF_ERROR(file_->Sync());
  }
  settled_ = true;
  return absl::OkStatus();
}

absl::Status HighWaterMark::Write(const Mark& mark) {
  unsynced_ = true;
  written_ = mark;
  absl::Status status = Settle();
  if (status.ok()) status = WriteAt(place_, mark);
  write_again_ = !status.ok();
  return status;
}

absl::Status HighWaterMark::Sync() {
  if (!unsynced_) return absl::OkStatus();
  if (write_again_) TUCO_RETURN_IF_ERROR(Write(written_));
  absl::Status synced = file_->Sync();
  // What a failed sync gave up is not written by the next one.
  write_again_ = !synced.ok();
  if (write_again_) return synced;
  unsynced_ = false;
  place_ = (place_ + 1) % kPlaces;
  return absl::OkStatus();
}

}  // namespace tuco::log
