#include "server/cli/event_raw.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "absl/strings/escaping.h"
#include "server/cli/json_tree.h"
#include "server/cli/utf8.h"
#include "tuco/event_type.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

std::string_view ShapeText(pb::Shape shape) {
  // In the samples' own spelling.
  if (shape == pb::SHAPE_TEST) return "test";
  return ShapeName(static_cast<Shape>(shape));
}

std::string TimeText(const google::protobuf::Timestamp& proto) {
  const std::chrono::nanoseconds nanos(proto.nanos());
  return FormatTimestamp(
      Timestamp(std::chrono::seconds(proto.seconds()) +
                std::chrono::floor<std::chrono::microseconds>(nanos)));
}

JsonTree Headers(const pb::Event& event) {
  JsonTree headers = JsonTree::Object(
      {{"content-type", JsonTree::String("application/json")},
       {"x-tuco-signature", JsonTree::String(event.signature())}});
  if (!event.type_name().empty()) {
    headers.Add("x-tuco-event", JsonTree::String(event.type_name()));
  }
  if (event.has_occurred_at()) {
    headers.Add("x-tuco-timestamp",
                JsonTree::String(TimeText(event.occurred_at())));
  }
  return headers;
}

bool HeadersDiffered(const pb::Event& event) {
  return std::find(event.flags().begin(), event.flags().end(),
                   pb::FLAG_HEADER_MISMATCH) != event.flags().end();
}

JsonTree RawTree(const pb::Event& event) {
  JsonTree line =
      JsonTree::Object({{"name", JsonTree::String(event.event_id())}});
  if (event.shape() != pb::SHAPE_UNSPECIFIED) {
    line.Add("shape", JsonTree::String(ShapeText(event.shape())));
  }
  line.Add("headers", Headers(event));
  if (IsUtf8(event.body())) {
    line.Add("body", JsonTree::String(event.body()));
  } else {
    line.Add("bodyBase64", JsonTree::String(absl::Base64Escape(event.body())));
  }
  return line;
}

}  // namespace

std::string EventRaw(const pb::Event& event) {
  return RawTree(event).ToString() + "\n";
}

std::string EventArchiveLine(const pb::Event& event) {
  JsonTree line = RawTree(event);
  line.Add("endpoint", JsonTree::String(event.endpoint()));
  line.Add("receivedAt", JsonTree::String(TimeText(event.received_at())));
  if (HeadersDiffered(event)) {
    line.Add("headersDiffered", JsonTree::Spelt("true"));
  }
  return line.ToString() + "\n";
}

}  // namespace tuco::cli
