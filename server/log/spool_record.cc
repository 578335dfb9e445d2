#include "server/log/spool_record.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/log/little_endian.h"

namespace tuco::log {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kFlagsBytes = 4;
constexpr std::size_t kLengthBytes = 4;
constexpr std::uint64_t kNoText = 0xffffffff;  // In the place of a length.
constexpr std::size_t kTexts = 10;
constexpr std::size_t kFixedBytes = sizeof(kSpoolRecordVersion) +
                                    2 * sizeof(Digest) + 2 * kTimeBytes +
                                    kFlagsBytes + kTexts * kLengthBytes;

std::string_view ViewOf(const std::optional<std::string>& text) {
  if (!text) return {};
  return *text;
}

void AppendTime(std::int64_t microseconds, std::string& to) {
  AppendNumber(static_cast<std::uint64_t>(microseconds), kTimeBytes, to);
}

void AppendDigest(const Digest& digest, std::string& to) {
  to.append(digest.begin(), digest.end());
}

void AppendText(std::string_view text, std::string& to) {
  AppendNumber(text.size(), kLengthBytes, to);
  to.append(text);
}

void AppendOptionalText(const std::optional<std::string>& text,
                        std::string& to) {
  if (text) return AppendText(*text, to);
  AppendNumber(kNoText, kLengthBytes, to);
}

// The log alone gives this flag, and again when the record is merged.
Flags WithoutSuspicion(Flags flags) {
  const Flags suspicion{Flag::kSuspectedDuplicate};
  return Flags::FromBits(flags.bits() & ~suspicion.bits());
}

// Takes a record apart from the front. From the first piece that is not there
// on, every piece is empty.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  // Whether all was there and nothing is left.
  bool complete() const { return ok_ && rest_.empty(); }

  std::string_view Take(std::size_t size) {
    if (size > rest_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view piece = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return piece;
  }
  std::uint64_t Number(std::size_t size) { return NumberIn(Take(size)); }
  std::int64_t Time() { return static_cast<std::int64_t>(Number(kTimeBytes)); }
  void ReadDigest(Digest& to) {
    const std::string_view bytes = Take(to.size());
    std::copy(bytes.begin(), bytes.end(), to.begin());
  }
  std::optional<std::string> OptionalText() {
    const std::uint64_t length = Number(kLengthBytes);
    if (length == kNoText) return std::nullopt;
    return std::string(Take(length));
  }
  std::string Text() {
    const std::optional<std::string> text = OptionalText();
    ok_ &= text.has_value();
    return text.value_or("");
  }
  Flags ReadFlags() {
    const Flags flags =
        Flags::FromBits(static_cast<std::uint32_t>(Number(kFlagsBytes)));
    ok_ &= flags == WithoutSuspicion(flags);
    return flags;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

Timestamp ToTimestamp(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

}  // namespace

std::size_t SpoolRecordBytes(const Record& record) {
  std::size_t size = kFixedBytes + record.endpoint.size() +
                     record.type_name.size() + record.event.size() +
                     record.body.size();
  for (const auto* text :
       {&record.workspace_id, &record.line_id, &record.campaign_id,
        &record.message_id, &record.lead_id, &record.phone}) {
    size += ViewOf(*text).size();
  }
  return size;
}

void AppendSpoolRecord(const Record& record, std::string& to) {
  to.push_back(static_cast<char>(kSpoolRecordVersion));
  AppendDigest(record.duplicate_key, to);
  AppendDigest(record.signature, to);
  AppendTime(record.received_at.time_since_epoch().count(), to);
  AppendTime(record.occurred_at ? record.occurred_at->time_since_epoch().count()
                                : RecordColumns::kNoTime,
             to);
  AppendNumber(WithoutSuspicion(record.flags).bits(), kFlagsBytes, to);
  AppendText(record.endpoint, to);
  AppendText(record.type_name, to);
  AppendOptionalText(record.workspace_id, to);
  AppendOptionalText(record.line_id, to);
  AppendOptionalText(record.campaign_id, to);
  AppendOptionalText(record.message_id, to);
  AppendOptionalText(record.lead_id, to);
  AppendOptionalText(record.phone, to);
  AppendText(record.event, to);
  AppendText(record.body, to);
}

absl::StatusOr<Record> DecodeSpoolRecord(std::string_view bytes) {
  Decoder decoder(bytes);
  const std::uint64_t version = decoder.Number(sizeof(kSpoolRecordVersion));
  if (version > kSpoolRecordVersion) {
    return absl::UnimplementedError(absl::StrCat(
        "a spooled record has version ", version, ", expected at most ",
        static_cast<int>(kSpoolRecordVersion)));
  }
  Record record;
  decoder.ReadDigest(record.duplicate_key);
  decoder.ReadDigest(record.signature);
  record.received_at = ToTimestamp(decoder.Time());
  const std::int64_t occurred_at_us = decoder.Time();
  if (occurred_at_us != RecordColumns::kNoTime) {
    record.occurred_at = ToTimestamp(occurred_at_us);
  }
  record.flags = decoder.ReadFlags();
  record.endpoint = decoder.Text();
  record.type_name = decoder.Text();
  record.workspace_id = decoder.OptionalText();
  record.line_id = decoder.OptionalText();
  record.campaign_id = decoder.OptionalText();
  record.message_id = decoder.OptionalText();
  record.lead_id = decoder.OptionalText();
  record.phone = decoder.OptionalText();
  record.event = decoder.Text();
  record.body = decoder.Text();
  if (version == 0 || !decoder.complete()) {
    return absl::DataLossError("a spooled record is malformed");
  }
  return record;
}

}  // namespace tuco::log
