// Records and filters by chance, from few enough values that they meet.

#ifndef TUCO_TESTS_SERVER_LOG_RANDOM_RECORDS_H_
#define TUCO_TESTS_SERVER_LOG_RANDOM_RECORDS_H_

#include <cstdint>

#include "server/log/filter.h"
#include "server/log/record.h"
#include "tests/server/base/disk_content.h"

namespace tuco::log {

// The key is that of `number`, so another record for each; all else may be as
// in others, or absent. It arrived at `now`, and occurred not long before.
Record RandomRecord(std::uint64_t number, Timestamp now,
                    base::DiskChance& chance);

// Any combination of conditions, none now and then.
Filter RandomFilter(base::DiskChance& chance);

// Whether `filter` wants `record`, found without any code of the log's.
bool Wants(const Filter& filter, const Record& record);

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_RANDOM_RECORDS_H_
