// A record as bytes in the spool (docs/log_format.md).

#ifndef TUCO_SERVER_LOG_SPOOL_RECORD_H_
#define TUCO_SERVER_LOG_SPOOL_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/log/record.h"

namespace tuco::log {

// The version that this code writes.
inline constexpr std::uint8_t kSpoolRecordVersion = 1;

// How many bytes AppendSpoolRecord appends.
std::size_t SpoolRecordBytes(const Record& record);

// Appends `record` without what the log gives: sequence, epoch, recorded_at,
// suspected_duplicate_of and the flag that goes with it.
void AppendSpoolRecord(const Record& record, std::string& to);

// The record that `bytes` are; no others are the same record. DataLoss when
// they are none, Unimplemented when a newer version wrote them.
absl::StatusOr<Record> DecodeSpoolRecord(std::string_view bytes);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SPOOL_RECORD_H_
