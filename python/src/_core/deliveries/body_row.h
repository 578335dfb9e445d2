// Reads a body straight into a row: what ParseUnverified makes an event of,
// without the event.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_BODY_ROW_H_
#define TUCO_PYTHON_CORE_DELIVERIES_BODY_ROW_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "_core/table/builder.h"
#include "tuco/event.h"
#include "tuco/internal/field.h"
#include "tuco/internal/json_reader.h"

namespace tuco::python::deliveries {

// The sink of a BodyReader for one row after the other. One thread at a time;
// refers to the builder.
class BodyRow {
 public:
  explicit BodyRow(table::Builder& builder) : builder_(builder) {}

  // Puts what `json` has read, or failed to read as an object, into the row
  // that the builder is at. The caller ends the row. What follows from the body
  // is in the row as event_parser.cc concludes it; `flags` are added to it.
  void Append(const internal::JsonReader* json, Flags flags);

  // After Append: the event's id is asked for where a column has it.
  bool NeedsEventId() const;
  void AppendEventId(std::string_view event_id);

  // For BodyReader, which calls these in Append.
  void Type(EventType type, std::string_view name);
  void Shape(tuco::Shape shape);
  void Text(internal::Field field, std::string_view text);
  void Time(internal::Field field, Timestamp time);
  void StepIndex(std::int64_t index);
  void SendFallbackSmsOnFailed(bool wanted);
  void Test() { flags_.Add(Flag::kTest); }
  void Texts(internal::Field field, const internal::JsonReader& json,
             std::uint32_t array);
  void Parents(const std::vector<ParentMessage>& parents);
  void RecentReplies(const std::vector<RecentReply>& replies);
  bool WantsExtraJson() const {
    return builder_.has(table::Column::kExtraJson);
  }
  void ExtraJson(std::string_view extra);

 private:
  void AppendIdempotencyKey(std::string_view message_id);

  table::Builder& builder_;
  // Of the row so far.
  EventType type_ = EventType::kUnspecified;
  std::string type_name_;
  Flags flags_;
  bool has_time_ = false;
  bool has_key_ = false;
  std::string scratch_;
};

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_BODY_ROW_H_
