#include "server/log/spool.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/private_directory.h"
#include "server/base/status_macros.h"
#include "server/log/spool_record.h"

namespace tuco::log {
namespace {

using base::FileSystem;

// How much `records` take; ResourceExhausted when one of them is too large.
absl::StatusOr<std::uint64_t> BytesOf(std::span<const Record* const> records) {
  std::uint64_t bytes = 0;
  for (const Record* const record : records) {
    const std::size_t payload = SpoolRecordBytes(*record);
    if (payload > kSpoolPayloadBytesMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat("a record of ", payload, " bytes cannot be spooled, ",
                       kSpoolPayloadBytesMax, " are the most"));
    }
    bytes += kSpoolHeaderBytes + payload;
  }
  return bytes;
}

// What is wrong with a part of file `path` that has no legible record.
std::string DamageIn(const std::string& path, std::uint64_t offset,
                     std::uint64_t bytes) {
  return bytes == 0 ? absl::StrCat(path, " is cut off at offset ", offset)
                    : absl::StrCat(path, ": ", bytes, " bytes at offset ",
                                   offset, " are damaged");
}

void LogError(base::Severity severity, std::string_view message,
              const absl::Status& status) {
  base::Log(severity, message, {{"error", absl::StrCat(status.message())}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(
    const SpoolOptions& options) {
  const std::string& directory = options.directory;
  TUCO_RETURN_IF_ERROR(base::MakePrivateDirectory(options.files, directory));
  TUCO_ASSIGN_OR_RETURN(
      base::FileLock lock,
      base::FileLock::Acquire(options.files, directory + "/lock"));
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<HighWaterMark> mark,
                        HighWaterMark::Open(options.files, directory));
  std::unique_ptr<Spool> spool(
      new Spool(options, std::move(lock), std::move(mark)));
  TUCO_RETURN_IF_ERROR(spool->Load());
  return spool;
}

Spool::Spool(const SpoolOptions& options, base::FileLock lock,
             std::unique_ptr<HighWaterMark> mark)
    : directory_(options.directory),
      files_(options.files),
      bytes_max_(options.bytes_max),
      segment_bytes_(options.segment_bytes),
      lock_(std::move(lock)),
      mark_(std::move(mark)) {}

Spool::~Spool() {
  // What cannot be synced now is older after a power cut, no more.
  mark_->Sync().IgnoreError();
}

absl::Status Spool::Load() {
  TUCO_RETURN_IF_ERROR(mark_->Settle());
  TUCO_ASSIGN_OR_RETURN(SpoolFolder folder,
                        ListSpoolFolder(files_, directory_));
  std::vector<std::uint64_t>& segments = folder.segments;
  if (mark_->found()) {
    // Neither of the two ever decreases, so that the higher one of two marks is
    // the newer one here as well.
    acknowledged_ = mark_->found()->epoch;
    merged_ = mark_->found()->sequence;
  } else if (!segments.empty()) {
    merged_ = segments.front() - 1;
  } else if (!folder.damaged.empty()) {
    // A name that is taken must not be needed again.
    merged_ = folder.damaged.back();
  }
  if (mark_->damaged()) {
    base::Log(base::Severity::kWarning,
              "the mark of the spool is damaged: it is not known whether the "
              "newest deliveries in it are there",
              {{"folder", directory_}});
  }
  acknowledged_ = std::max(acknowledged_, merged_);
  keys_.ForgetThrough(merged_);
  if (!segments.empty()) TUCO_RETURN_IF_ERROR(LoadTail(segments));
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool newest = i + 1 == segments.size();
    TUCO_RETURN_IF_ERROR(
        LoadSegment(segments[i], newest ? acknowledged_ : segments[i + 1] - 1));
  }
  read_through_ = merged_;
  absl::Status status = WriteMark();
  if (status.ok()) status = RemoveMerged();
  if (!status.ok()) {
    LogError(base::Severity::kWarning,
             "what was merged cannot be removed from the spool yet", status);
  }
  return absl::OkStatus();
}

absl::Status Spool::LoadTail(std::vector<std::uint64_t>& segments) {
  const std::uint64_t newest = segments.back();
  TUCO_ASSIGN_OR_RETURN(
      const SpoolTail tail,
      RecoverSpoolTail(files_, directory_, newest, acknowledged_));
  acknowledged_ = std::max(acknowledged_, tail.last);
  if (tail.bytes > 0 || newest <= acknowledged_) return absl::OkStatus();
  // Its name is that of the next one to be made.
  segments.pop_back();
  return files_.Remove(SpoolSegmentPath(directory_, newest));
}

absl::Status Spool::LoadSegment(std::uint64_t first, std::uint64_t last) {
  TUCO_ASSIGN_OR_RETURN(
      SpoolSegmentReader reader,
      SpoolSegmentReader::Open(files_, directory_, {.segment = first},
                               std::numeric_limits<std::uint64_t>::max()));
  Segment segment{.first = first, .bytes = reader.end()};
  std::uint64_t number = first - 1;
  while (true) {
    TUCO_ASSIGN_OR_RETURN(const std::optional<SpoolEntry> entry, reader.Next());
    if (!entry) break;
    if (!entry->record || entry->piece.frame->number > last) {
      segment.damaged = true;
      continue;
    }
    segment.damaged |= entry->piece.frame->number != number + 1;
    number = entry->piece.frame->number;
    if (number > merged_) keys_.Insert(entry->record->duplicate_key, number);
  }
  segments_.push_back(segment);
  bytes_ += segment.bytes;
  return absl::OkStatus();
}

std::uint64_t Spool::LastOf(std::size_t index) const {
  return index + 1 < segments_.size() ? segments_[index + 1].first - 1
                                      : acknowledged_;
}

absl::Status Spool::WriteMark() {
  absl::Status status =
      mark_->Write({.epoch = acknowledged_, .sequence = merged_});
  const bool was_ok = std::exchange(mark_ok_, status.ok());
  if (was_ok && !status.ok()) {
    LogError(base::Severity::kWarning,
             "the mark of the spool cannot be written: a loss of the newest "
             "deliveries in it might not be noticed",
             status);
  }
  return status;
}

absl::Status Spool::Probe() const { return failure_; }

absl::Status Spool::CheckRoom(std::uint64_t bytes) const {
  if (bytes_ + bytes <= bytes_max_) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(directory_, ": the spool has ", bytes_, " bytes, of ",
                   bytes_max_, " at most, and ", bytes, " more do not fit"));
}

absl::Status Spool::Append(std::span<const Record* const> records) {
  TUCO_RETURN_IF_ERROR(Probe());
  if (records.empty()) return absl::OkStatus();
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t bytes, BytesOf(records));
  TUCO_RETURN_IF_ERROR(CheckRoom(bytes));
  TUCO_RETURN_IF_ERROR(PrepareSegment(bytes));
  TUCO_RETURN_IF_ERROR(WriteFrames(FramesOf(records)));
  for (const Record* const record : records) {
    keys_.Insert(record->duplicate_key, ++acknowledged_);
  }
  // The records are safe without it; it logs what goes wrong.
  WriteMark().IgnoreError();
  return absl::OkStatus();
}

absl::Status Spool::PrepareSegment(std::uint64_t bytes) {
  if (active_ != nullptr) {
    const std::uint64_t size = segments_.back().bytes;
    if (size == 0 || size + bytes <= segment_bytes_) return absl::OkStatus();
    // Nothing of a refused batch may come back in a file that is not the newest
    // one.
    if (tail_dirty_) TUCO_RETURN_IF_ERROR(WriteFrames(""));
  }
  return BeginSegment();
}

absl::Status Spool::BeginSegment() {
  const std::uint64_t first = acknowledged_ + 1;
  const std::string path = SpoolSegmentPath(directory_, first);
  TUCO_ASSIGN_OR_RETURN(
      std::unique_ptr<base::File> file,
      files_.Open(path, FileSystem::OpenMode::kReadWriteOrCreate));
  absl::Status named = file->Truncate(0);
  if (named.ok()) named = files_.SyncDirectory(directory_);
  if (!named.ok()) {
    // Nothing is in it; the next attempt makes its name anew. A name that a
    // failed sync left in memory only would be there and not sync again.
    const absl::Status removed = files_.Remove(path);
    if (!removed.ok()) failure_ = AfterSync(removed);
    return named;
  }
  segments_.push_back({.first = first});
  active_ = std::move(file);
  tail_dirty_ = false;
  return absl::OkStatus();
}

std::string Spool::FramesOf(std::span<const Record* const> records) const {
  const Segment& segment = segments_.back();
  std::uint64_t number = acknowledged_;
  std::string frames;
  std::string payload;
  for (const Record* const record : records) {
    payload.clear();
    AppendSpoolRecord(*record, payload);
    AppendSpoolFrame(
        {.segment = segment.first, .offset = segment.bytes + frames.size()},
        {.number = ++number, .synced = acknowledged_}, payload, frames);
  }
  return frames;
}

absl::Status Spool::WriteFrames(const std::string& frames) {
  Segment& segment = segments_.back();
  absl::Status written;
  if (tail_dirty_) written = active_->Truncate(segment.bytes);
  if (written.ok()) written = active_->WriteAt(segment.bytes, frames);
  if (!written.ok()) {
    tail_dirty_ = true;
    // Gives the space back. Where that fails, the next write does it first.
    active_->Truncate(segment.bytes).IgnoreError();
    return written;
  }
  if (const absl::Status synced = active_->Sync(); !synced.ok()) {
    failure_ = absl::DataLossError(
        absl::StrCat(synced.message(),
                     ": what was written last may or may not be in it; "
                     "nothing is spooled until the server is started again"));
    return failure_;
  }
  tail_dirty_ = false;
  segment.bytes += frames.size();
  bytes_ += frames.size();
  return absl::OkStatus();
}

absl::StatusOr<SpoolBatch> Spool::ReadBatch(std::size_t records_max,
                                            std::size_t bytes_max) {
  const std::string gone = directory_ + ": files are gone";
  SpoolBatchMaker maker(merged_, records_max, bytes_max);
  SpoolPlace place = read_from_;
  for (std::size_t i = 0; i < segments_.size() && !maker.full(); ++i) {
    maker.Lose(gone, segments_[i].first - 1);
    if (LastOf(i) <= maker.through()) continue;
    TUCO_ASSIGN_OR_RETURN(place, ReadSegment(i, maker));
  }
  if (!maker.full()) maker.Lose(gone, acknowledged_);
  read_to_ = place;
  read_through_ = maker.through();
  return maker.Finish();
}

absl::StatusOr<SpoolPlace> Spool::ReadSegment(std::size_t index,
                                              SpoolBatchMaker& maker) {
  Segment& segment = segments_[index];
  const std::uint64_t last = LastOf(index);
  const std::string path = SpoolSegmentPath(directory_, segment.first);
  // Behind all that was read.
  SpoolPlace place{.segment = segment.first};
  if (place.segment == read_from_.segment) place.offset = read_from_.offset;
  const auto lose_through = [&](std::uint64_t number, std::uint64_t end) {
    if (number <= maker.through()) return;
    maker.Lose(DamageIn(path, place.offset, end - place.offset), number);
    segment.damaged = true;
  };
  TUCO_ASSIGN_OR_RETURN(
      SpoolSegmentReader reader,
      SpoolSegmentReader::Open(files_, directory_, place, segment.bytes));
  while (!maker.full()) {
    TUCO_ASSIGN_OR_RETURN(std::optional<SpoolEntry> entry, reader.Next());
    if (!entry) {
      lose_through(last, segment.bytes);
      place.offset = segment.bytes;
      break;
    }
    const SpoolPiece& piece = entry->piece;
    if (!entry->record || piece.frame->number > last) {
      segment.damaged = true;
      continue;
    }
    const std::uint64_t number = piece.frame->number;
    lose_through(number - 1, piece.offset);
    place.offset = piece.offset;
    if (number > maker.through() &&
        !maker.Take(number, *std::move(entry->record), piece.bytes)) {
      break;
    }
    place.offset = piece.end();
  }
  return place;
}

absl::Status Spool::Discard(std::uint64_t through) {
  if (through > read_through_) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot discard the spool through record ", through,
                     ", which was not read; expected at most ", read_through_));
  }
  if (through > merged_) {
    merged_ = through;
    keys_.ForgetThrough(through);
    if (through == read_through_) read_from_ = read_to_;
  }
  TUCO_RETURN_IF_ERROR(WriteMark());
  return RemoveMerged();
}

absl::Status Spool::RemoveMerged() {
  if (segments_.empty() || LastOf(0) > merged_) return absl::OkStatus();
  // First, or else they would look lost.
  TUCO_RETURN_IF_ERROR(mark_->Sync());
  while (!segments_.empty() && LastOf(0) <= merged_) {
    // Whatever comes of it, nothing is appended to it any more.
    if (segments_.size() == 1) active_.reset();
    TUCO_RETURN_IF_ERROR(Remove(segments_.front()));
    bytes_ -= segments_.front().bytes;
    segments_.pop_front();
  }
  return absl::OkStatus();
}

absl::Status Spool::Remove(const Segment& segment) {
  const std::string path = SpoolSegmentPath(directory_, segment.first);
  if (!segment.damaged) {
    absl::Status removed = files_.Remove(path);
    return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
  }
  const std::string aside = DamagedSegmentPath(directory_, segment.first);
  TUCO_RETURN_IF_ERROR(files_.Rename(path, aside));
  base::Log(base::Severity::kError,
            "a file of the spool was damaged and is kept aside; what was "
            "legible in it was merged",
            {{"file", aside}});
  return absl::OkStatus();
}

}  // namespace tuco::log
