// The frames that a segment of the spool consists of (docs/log_format.md).
//
//   ┌──────────┬────────┬────────┬────────┬─────────┬─────────┬─────────┐
//   │ TUCOSPOL │ number │ synced │ length │ payload │ header  │ payload │
//   │          │        │        │        │ CRC     │ CRC     │         │
//   └──────────┴────────┴────────┴────────┴─────────┴─────────┴─────────┘
//
// The header has a checksum of its own, so that a damaged payload costs one
// record and does not hide where the next one is. It also covers the place of
// the frame: bytes that look like a frame inside of a payload are none. Nor is
// one whose number is higher than there is room for frames before it.

#ifndef TUCO_SERVER_LOG_SPOOL_FRAME_H_
#define TUCO_SERVER_LOG_SPOOL_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/file_system.h"

namespace tuco::log {

inline constexpr std::size_t kSpoolHeaderBytes = 36;
// Many times what the largest delivery needs.
inline constexpr std::size_t kSpoolPayloadBytesMax = std::size_t{16} << 20;
// Where a frame stands.
struct SpoolPlace {
  std::uint64_t segment = 0;  // The number that the file is named for.
  std::uint64_t offset = 0;   // In that file.
};

struct SpoolFrame {
  // Of the record: from 1, one more than that of the record before.
  std::uint64_t number = 0;
  // When the frame was written, all records through this one had been
  // acknowledged; so it is the last one of the batch before.
  std::uint64_t synced = 0;
};

// Appends the frame that is to stand at `place`. `payload` is at most
// kSpoolPayloadBytesMax.
void AppendSpoolFrame(const SpoolPlace& place, const SpoolFrame& frame,
                      std::string_view payload, std::string& to);

// A part of a segment: a frame, or bytes that are none.
struct SpoolPiece {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::optional<SpoolFrame> frame;  // None: the bytes are damaged.
  std::string_view payload;         // Valid until the next piece is read.

  std::uint64_t end() const { return offset + bytes; }
};

// Yields all of a segment, piece by piece, frames in the ascending order of
// their numbers. Behind damage it goes on at the next intact frame. One thread
// at a time.
class SpoolFrameReader {
 public:
  // Reads from `begin`, where a frame ought to be, up to byte `end`, which the
  // file must have. `file` must outlive the reader.
  SpoolFrameReader(const base::File& file, const SpoolPlace& begin,
                   std::uint64_t end)
      : file_(file),
        segment_(begin.segment),
        at_(begin.offset),
        end_(end),
        number_min_(begin.segment) {}

  // The next piece, nothing at the end. The codes of File::ReadAt.
  absl::StatusOr<std::optional<SpoolPiece>> Next();

 private:
  absl::StatusOr<std::string_view> BytesAt(std::uint64_t offset,
                                           std::size_t size);
  // The piece that begins at `offset`: a frame, a damaged one whose header
  // tells its size, or damaged bytes as far as the next frame might begin.
  absl::StatusOr<SpoolPiece> PieceAt(std::uint64_t offset);
  // How many bytes from `offset` on are certainly not where a frame begins.
  absl::StatusOr<std::uint64_t> BytesToNextMagic(std::uint64_t offset);

  const base::File& file_;
  const std::uint64_t segment_;
  std::uint64_t at_;
  const std::uint64_t end_;
  std::uint64_t number_min_;
  // A part of the file, read ahead.
  std::string window_;
  std::uint64_t window_offset_ = 0;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SPOOL_FRAME_H_
