#include "server/stream/frame_maker.h"

#include <algorithm>
#include <chrono>

#include "proto/stream_frame.h"

namespace tuco::stream {

void AppendRecord(const RecordColumns& columns, bool include_body,
                  std::string& frame) {
  proto::StoredEvent stored;
  stored.event = columns.event;
  stored.sequence = columns.sequence;
  stored.epoch = columns.epoch;
  stored.recorded_at =
      Timestamp(std::chrono::microseconds(columns.recorded_at_us));
  stored.suspected_duplicate_of = columns.suspected_duplicate_of;
  if (include_body) {
    stored.body = columns.body;
    std::copy_n(columns.signature.begin(),
                std::min(columns.signature.size(), stored.signature.size()),
                stored.signature.begin());
  }
  proto::AppendEvent(stored, frame);
}

}  // namespace tuco::stream
