#include "tuco/internal/event_builder.h"

#include <string>
#include <string_view>
#include <utility>

#include "tuco/internal/event_fields.h"
#include "tuco/internal/extra_json.h"
#include "tuco/internal/field_sources.h"
#include "tuco/internal/field_value.h"
#include "tuco/internal/related_messages.h"
#include "tuco/internal/shape_detector.h"

namespace tuco::internal {
namespace {

class EventBuilder {
 public:
  EventBuilder(const JsonReader& json, Event& event)
      : json_(json), event_(event), sources_(json) {}

  void Build() {
    StoreType();
    event_.shape = DetectShape(sources_);
    if (event_.shape == Shape::kS6) {
      AssignSides();
    } else {
      sources_.AddUnmappedNullSides();
    }
    for (const Candidate& candidate : sources_) Settle(candidate);
    event_.extra_json = ExtraJson(json_, sources_);
  }

 private:
  void StoreType() {
    const Candidate* source = sources_.Best(Field::kTypeName);
    if (source == nullptr) return;
    std::string scratch;
    event_.type_name = json_.Text(json_[source->node], scratch);
    event_.type = EventTypeFromName(event_.type_name);
  }

  // S6 names the sender and the receiver instead of contact and line.
  void AssignSides() {
    const bool reply = event_.type == EventType::kMessageReply;
    sources_.Reassign(reply ? Field::kFrom : Field::kTo, Field::kPhone);
    sources_.Reassign(reply ? Field::kTo : Field::kFrom, Field::kLinePhone);
  }

  void Settle(const Candidate& candidate) {
    const Candidate* best = sources_.Best(candidate.field);
    const bool mapped = best == &candidate
                            ? Store(candidate)
                            : best != nullptr && IsSame(candidate, *best);
    if (!mapped) sources_.AddUnmapped(candidate.node);
  }

  // False when the field cannot hold all that the member says.
  bool Store(const Candidate& candidate) {
    switch (KindOf(candidate.field)) {
      case FieldKind::kText:
        return StoreText(candidate);
      case FieldKind::kTime:
        TimeField(event_, candidate.field) =
            Timestamp(std::chrono::microseconds(candidate.number));
        return true;
      case FieldKind::kCount:
        event_.message.step_index = candidate.number;
        return true;
      case FieldKind::kBool:
        event_.message.send_fallback_sms_on_failed = candidate.number != 0;
        return true;
      case FieldKind::kMark:
        event_.flags.Add(Flag::kTest);
        return true;
      case FieldKind::kTexts:
        TextsField(event_, candidate.field) = ReadTexts(json_, candidate.node);
        return true;
      case FieldKind::kObjects:
        return StoreObjects(candidate);
      case FieldKind::kNone:
        break;
    }
    return false;
  }

  bool StoreText(const Candidate& candidate) {
    if (candidate.field == Field::kTypeName) return true;  // By StoreType.
    // Still `from` or `to`: only S6 gives those a meaning.
    if (candidate.field > Field::kTypeName) return false;
    const JsonNode& node = json_[candidate.node];
    std::string scratch;
    TextField(event_, candidate.field).emplace(json_.Text(node, scratch));
    return true;
  }

  bool StoreObjects(const Candidate& candidate) {
    if (candidate.field == Field::kParents) {
      auto read = ReadParents(json_, candidate.node);
      event_.message.parents = std::move(read.messages);
      return read.complete;
    }
    auto read = ReadRecentReplies(json_, candidate.node);
    event_.message.recent_replies = std::move(read.messages);
    return read.complete;
  }

  // Whether `candidate` adds nothing to what `best` says.
  bool IsSame(const Candidate& candidate, const Candidate& best) const {
    switch (KindOf(candidate.field)) {
      case FieldKind::kText:
        return SameText(json_, json_[candidate.node], json_[best.node]);
      case FieldKind::kTexts:
        return SameTexts(json_, candidate.node, best.node);
      case FieldKind::kObjects:
        return IsSameList(candidate, best);
      default:
        return candidate.number == best.number;
    }
  }

  bool IsSameList(const Candidate& candidate, const Candidate& best) const {
    const auto same = [&](const auto& a, const auto& b) {
      return a.complete && a.messages == b.messages;
    };
    if (candidate.field == Field::kParents) {
      return same(ReadParents(json_, candidate.node),
                  ReadParents(json_, best.node));
    }
    return same(ReadRecentReplies(json_, candidate.node),
                ReadRecentReplies(json_, best.node));
  }

  const JsonReader& json_;
  Event& event_;
  FieldSources sources_;
};

}  // namespace

void FillEvent(const JsonReader& json, Event& event) {
  EventBuilder(json, event).Build();
}

}  // namespace tuco::internal
