// How many records lie between two places of the log.

#ifndef TUCO_SERVER_STREAM_RECORDS_BETWEEN_H_
#define TUCO_SERVER_STREAM_RECORDS_BETWEEN_H_

#include <cstdint>
#include <vector>

#include "server/log/event_log.h"

namespace tuco::stream {

// The sequences in (after, through] that were given to records.
std::uint64_t RecordsBetween(std::uint64_t after, std::uint64_t through,
                             const std::vector<log::Gap>& gaps);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_RECORDS_BETWEEN_H_
