#include "server/log/spool_frame.h"

#include <algorithm>

#include "absl/status/status.h"
#include "server/base/status_macros.h"
#include "server/log/little_endian.h"
#include "tuco/crc32c.h"

namespace tuco::log {
namespace {

constexpr std::string_view kMagic = "TUCOSPOL";
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kCrcBytes = 4;
constexpr std::size_t kNumberAt = kMagic.size();
constexpr std::size_t kSyncedAt = kNumberAt + kNumberBytes;
constexpr std::size_t kLengthAt = kSyncedAt + kNumberBytes;
constexpr std::size_t kPayloadCrcAt = kLengthAt + kLengthBytes;
constexpr std::size_t kHeaderCrcAt = kPayloadCrcAt + kCrcBytes;
static_assert(kSpoolHeaderBytes == kHeaderCrcAt + kCrcBytes);

// How much is read at a time.
constexpr std::size_t kWindowBytes = std::size_t{256} << 10;

// Of the place of a frame and of its header up to the checksum itself.
std::uint32_t HeaderCrc(const SpoolPlace& place, std::string_view header) {
  std::string before;
  AppendNumber(place.segment, kNumberBytes, before);
  AppendNumber(place.offset, kNumberBytes, before);
  return ExtendCrc32c(ExtendCrc32c(0, before), header.substr(0, kHeaderCrcAt));
}

struct Header {
  SpoolFrame frame;
  std::size_t length = 0;
  std::uint32_t payload_crc = 0;
};

std::optional<Header> DecodeHeader(const SpoolPlace& place,
                                   std::string_view bytes) {
  if (bytes.size() < kSpoolHeaderBytes || !bytes.starts_with(kMagic)) {
    return std::nullopt;
  }
  const auto number = [bytes](std::size_t at, std::size_t size) {
    return NumberIn(bytes.substr(at, size));
  };
  if (number(kHeaderCrcAt, kCrcBytes) != HeaderCrc(place, bytes)) {
    return std::nullopt;
  }
  return Header{.frame = {.number = number(kNumberAt, kNumberBytes),
                          .synced = number(kSyncedAt, kNumberBytes)},
                .length = number(kLengthAt, kLengthBytes),
                .payload_crc = static_cast<std::uint32_t>(
                    number(kPayloadCrcAt, kCrcBytes))};
}

}  // namespace

void AppendSpoolFrame(const SpoolPlace& place, const SpoolFrame& frame,
                      std::string_view payload, std::string& to) {
  const std::size_t begin = to.size();
  to.append(kMagic);
  AppendNumber(frame.number, kNumberBytes, to);
  AppendNumber(frame.synced, kNumberBytes, to);
  AppendNumber(payload.size(), kLengthBytes, to);
  AppendNumber(ExtendCrc32c(0, payload), kCrcBytes, to);
  const std::string_view all = to;
  AppendNumber(HeaderCrc(place, all.substr(begin)), kCrcBytes, to);
  to.append(payload);
}

absl::StatusOr<std::string_view> SpoolFrameReader::BytesAt(std::uint64_t offset,
                                                           std::size_t size) {
  size = std::min<std::uint64_t>(size, end_ - offset);
  if (offset < window_offset_ ||
      offset + size > window_offset_ + window_.size()) {
    window_.resize(
        std::min<std::uint64_t>(std::max(size, kWindowBytes), end_ - offset));
    window_offset_ = offset;
    const absl::StatusOr<std::size_t> read = file_.ReadAt(offset, window_);
    window_.resize(read.value_or(0));
    TUCO_RETURN_IF_ERROR(read.status());
  }
  const std::string_view window = window_;
  return window.substr(offset - window_offset_, size);
}

absl::StatusOr<SpoolPiece> SpoolFrameReader::PieceAt(std::uint64_t offset) {
  SpoolPiece piece{.offset = offset};
  TUCO_ASSIGN_OR_RETURN(std::string_view bytes,
                        BytesAt(offset, kSpoolHeaderBytes));
  const std::optional<Header> header =
      DecodeHeader({.segment = segment_, .offset = offset}, bytes);
  if (!header || header->length > kSpoolPayloadBytesMax ||
      header->frame.number < number_min_ ||
      header->frame.number > segment_ + offset / kSpoolHeaderBytes) {
    TUCO_ASSIGN_OR_RETURN(piece.bytes, BytesToNextMagic(offset + 1));
    ++piece.bytes;
    return piece;
  }
  TUCO_ASSIGN_OR_RETURN(bytes,
                        BytesAt(offset, kSpoolHeaderBytes + header->length));
  const std::string_view payload = bytes.substr(kSpoolHeaderBytes);
  piece.bytes = bytes.size();
  if (payload.size() == header->length &&
      ExtendCrc32c(0, payload) == header->payload_crc) {
    piece.frame = header->frame;
    piece.payload = payload;
  }
  return piece;
}

absl::StatusOr<std::uint64_t> SpoolFrameReader::BytesToNextMagic(
    std::uint64_t offset) {
  const std::uint64_t begin = offset;
  while (offset < end_) {
    TUCO_RETURN_IF_ERROR(BytesAt(offset, kMagic.size()).status());
    // All that was read ahead.
    std::string_view bytes = window_;
    bytes.remove_prefix(offset - window_offset_);
    const std::size_t found = bytes.find(kMagic);
    if (found != std::string_view::npos) return offset + found - begin;
    if (bytes.size() < kMagic.size()) break;
    // Its beginning may be here and its end behind.
    offset += bytes.size() - (kMagic.size() - 1);
  }
  return end_ - begin;
}

absl::StatusOr<std::optional<SpoolPiece>> SpoolFrameReader::Next() {
  if (at_ >= end_) return std::nullopt;
  SpoolPiece damage{.offset = at_};
  while (at_ < end_) {
    TUCO_ASSIGN_OR_RETURN(const SpoolPiece piece, PieceAt(at_));
    if (piece.frame && damage.bytes > 0) return damage;
    at_ = piece.end();
    if (piece.frame) {
      number_min_ = piece.frame->number + 1;
      return piece;
    }
    damage.bytes += piece.bytes;
  }
  return damage;
}

}  // namespace tuco::log
