// From records to a StreamEventsResponse.

#ifndef TUCO_SERVER_STREAM_FRAME_MAKER_H_
#define TUCO_SERVER_STREAM_FRAME_MAKER_H_

#include <cstdint>
#include <string>

#include "tuco/record_layout.h"

namespace tuco::stream {

// Appends the record in `columns` to `frame`, its body and signature only
// with `include_body`.
void AppendRecord(const RecordColumns& columns, bool include_body,
                  std::string& frame);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_FRAME_MAKER_H_
