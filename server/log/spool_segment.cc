#include "server/log/spool_segment.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "absl/strings/str_cat.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/log/spool_record.h"
#include "tuco/strings.h"

namespace tuco::log {
namespace {

using base::FileSystem;

constexpr std::string_view kSuffix = ".spool";
constexpr std::string_view kDamagedSuffix = ".damaged";
// So that names sort like numbers, and there is no end of them.
constexpr std::size_t kDigits = 15;

// How much is written anew at a time.
constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

std::string PathOf(const std::string& directory, std::uint64_t first,
                   std::string_view suffix) {
  return absl::StrCat(directory, "/",
                      absl::Dec(first, absl::PadSpec::kZeroPad15),
                      ToAbsl(suffix));
}

// The number in a name that ends with `suffix`, nothing in others.
std::optional<std::uint64_t> NumberOf(std::string_view name,
                                      std::string_view suffix) {
  if (name.size() != kDigits + suffix.size() || !name.ends_with(suffix)) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const char* const end = name.data() + kDigits;
  const auto [stopped, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || stopped != end || number == 0) {
    return std::nullopt;
  }
  return number;
}

// Writes the bytes from `begin` to `end` over themselves.
absl::Status WriteAnew(base::File& file, std::uint64_t begin,
                       std::uint64_t end) {
  std::string bytes;
  for (std::uint64_t at = begin; at < end; at += bytes.size()) {
    bytes.resize(std::min<std::uint64_t>(kCopyBytes, end - at));
    TUCO_ASSIGN_OR_RETURN(const std::size_t read, file.ReadAt(at, bytes));
    if (read < bytes.size()) return absl::DataLossError("the file has shrunk");
    TUCO_RETURN_IF_ERROR(file.WriteAt(at, bytes));
  }
  return absl::OkStatus();
}

// What the newest segment holds.
struct TailScan {
  std::uint64_t last = 0;         // The newest record that is kept.
  std::uint64_t vouched_end = 0;  // Behind the records that are durable.
  std::uint64_t end = 0;          // Behind all that is kept.
};

TailScan ScanTail(const std::vector<SpoolPiece>& pieces, std::uint64_t first,
                  std::uint64_t acknowledged) {
  // A segment is begun when all before it was acknowledged.
  std::uint64_t durable = std::max(acknowledged, first - 1);
  for (const SpoolPiece& piece : pieces) {
    if (piece.frame) durable = std::max(durable, piece.frame->synced);
  }
  TailScan scan{.last = first - 1};
  for (const SpoolPiece& piece : pieces) {
    const bool follows = piece.frame && piece.frame->number == scan.last + 1;
    if (!follows && scan.last >= durable) break;
    scan.end = piece.end();
    if (piece.frame) scan.last = piece.frame->number;
    if (scan.last <= durable) scan.vouched_end = scan.end;
  }
  return scan;
}

absl::StatusOr<std::vector<SpoolPiece>> PiecesOf(const base::File& file,
                                                 std::uint64_t first,
                                                 std::uint64_t size) {
  std::vector<SpoolPiece> pieces;
  SpoolFrameReader reader(file, {.segment = first}, size);
  while (true) {
    TUCO_ASSIGN_OR_RETURN(std::optional<SpoolPiece> piece, reader.Next());
    if (!piece) return pieces;
    piece->payload = {};
    pieces.push_back(*piece);
  }
}

}  // namespace

absl::StatusOr<SpoolFolder> ListSpoolFolder(FileSystem& files,
                                            const std::string& directory) {
  TUCO_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                        files.List(directory));
  SpoolFolder folder;
  for (const std::string& name : names) {
    if (const auto segment = NumberOf(name, kSuffix)) {
      folder.segments.push_back(*segment);
    } else if (const auto damaged = NumberOf(name, kDamagedSuffix)) {
      folder.damaged.push_back(*damaged);
    }
  }
  return folder;
}

std::string SpoolSegmentPath(const std::string& directory,
                             std::uint64_t first) {
  return PathOf(directory, first, kSuffix);
}

std::string DamagedSegmentPath(const std::string& directory,
                               std::uint64_t first) {
  return PathOf(directory, first, kDamagedSuffix);
}

absl::StatusOr<SpoolSegmentReader> SpoolSegmentReader::Open(
    FileSystem& files, const std::string& directory, const SpoolPlace& begin,
    std::uint64_t end) {
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<base::File> file,
                        files.Open(SpoolSegmentPath(directory, begin.segment),
                                   FileSystem::OpenMode::kRead));
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  return SpoolSegmentReader(std::move(file), begin, std::min(end, size));
}

absl::StatusOr<std::optional<SpoolEntry>> SpoolSegmentReader::Next() {
  TUCO_ASSIGN_OR_RETURN(std::optional<SpoolPiece> piece, frames_.Next());
  if (!piece) return std::nullopt;
  SpoolEntry entry{.piece = *piece};
  entry.piece.payload = {};
  if (!piece->frame) return entry;
  absl::StatusOr<Record> record = DecodeSpoolRecord(piece->payload);
  if (record.ok()) {
    entry.record = *std::move(record);
  } else if (absl::IsUnimplemented(record.status())) {
    return record.status();
  }
  return entry;
}

absl::StatusOr<SpoolTail> RecoverSpoolTail(FileSystem& files,
                                           const std::string& directory,
                                           std::uint64_t first,
                                           std::uint64_t acknowledged) {
  const std::string path = SpoolSegmentPath(directory, first);
  TUCO_ASSIGN_OR_RETURN(const std::unique_ptr<base::File> file,
                        files.Open(path, FileSystem::OpenMode::kReadWrite));
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  TUCO_ASSIGN_OR_RETURN(const std::vector<SpoolPiece> pieces,
                        PiecesOf(*file, first, size));
  const TailScan scan = ScanTail(pieces, first, acknowledged);
  if (scan.end < size) {
    base::Log(base::Severity::kWarning,
              "deliveries that were being spooled when the server ended, and "
              "were not acknowledged, are cut off",
              {{"file", path},
               {"offset", std::to_string(scan.end)},
               {"bytes", std::to_string(size - scan.end)}});
    TUCO_RETURN_IF_ERROR(file->Truncate(scan.end));
  }
  TUCO_RETURN_IF_ERROR(WriteAnew(*file, scan.vouched_end, scan.end));
  TUCO_RETURN_IF_ERROR(AfterSync(file->Sync()));
  return SpoolTail{.last = scan.last, .bytes = scan.end};
}

absl::Status AfterSync(const absl::Status& synced) {
  if (synced.ok()) return synced;
  return absl::DataLossError(synced.message());
}

}  // namespace tuco::log
