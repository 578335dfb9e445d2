#include "tuco/internal/event_builder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tuco/internal/body_reader.h"
#include "tuco/internal/event_fields.h"
#include "tuco/internal/field_value.h"

namespace tuco::internal {
namespace {

// Puts what a body says into an event.
class EventSink {
 public:
  explicit EventSink(Event& event) : event_(event) {}

  void Type(EventType type, std::string_view name) {
    event_.type = type;
    event_.type_name = name;
  }
  void Shape(tuco::Shape shape) { event_.shape = shape; }
  void Text(Field field, std::string_view text) {
    TextField(event_, field).emplace(text);
  }
  void Time(Field field, Timestamp time) { TimeField(event_, field) = time; }
  void StepIndex(std::int64_t index) { event_.message.step_index = index; }
  void SendFallbackSmsOnFailed(bool wanted) {
    event_.message.send_fallback_sms_on_failed = wanted;
  }
  void Test() { event_.flags.Add(Flag::kTest); }
  void Texts(Field field, const JsonReader& json, std::uint32_t array) {
    TextsField(event_, field) = ReadTexts(json, array);
  }
  void Parents(std::vector<ParentMessage> parents) {
    event_.message.parents = std::move(parents);
  }
  void RecentReplies(std::vector<RecentReply> replies) {
    event_.message.recent_replies = std::move(replies);
  }
  static bool WantsExtraJson() { return true; }
  void ExtraJson(std::string extra) { event_.extra_json = std::move(extra); }

 private:
  Event& event_;
};

}  // namespace

void FillEvent(const JsonReader& json, Event& event) {
  EventSink sink(event);
  BodyReader(json, sink).Read();
}

}  // namespace tuco::internal
