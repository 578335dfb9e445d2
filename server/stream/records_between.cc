#include "server/stream/records_between.h"

#include <algorithm>

namespace tuco::stream {

std::uint64_t RecordsBetween(std::uint64_t after, std::uint64_t through,
                             const std::vector<log::Gap>& gaps) {
  std::uint64_t count = through - std::min(after, through);
  for (const log::Gap& gap : gaps) {
    const std::uint64_t from = std::max(gap.from, after + 1);
    const std::uint64_t to = std::min(gap.to, through);
    if (from <= to) count -= to - from + 1;
  }
  return count;
}

}  // namespace tuco::stream
