#include "server/stream/visibility.h"

#include "proto/event_codec.h"
#include "tuco/event.h"
#include "tuco/events/v1/event.pb.h"
#include "tuco/record_layout.h"

namespace tuco::stream {

bool IsVisible(const log::Reach& reach, std::string_view event) {
  if (reach.IsUnlimited()) return true;
  events::v1::Event message;
  if (!message.ParseFromArray(event.data(), static_cast<int>(event.size()))) {
    return false;
  }
  const Event parsed = proto::FromProto(message);
  RecordColumns columns;
  columns.endpoint = parsed.endpoint;
  columns.workspace_id = message.workspace_id();
  columns.flags = parsed.flags.bits();
  return reach.Allows(columns);
}

}  // namespace tuco::stream
