// Reads what the members of a body say, and tells it field by field.

#ifndef TUCO_INTERNAL_BODY_READER_H_
#define TUCO_INTERNAL_BODY_READER_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tuco/event_type.h"
#include "tuco/internal/extra_json.h"
#include "tuco/internal/field_sources.h"
#include "tuco/internal/field_value.h"
#include "tuco/internal/json_reader.h"
#include "tuco/internal/related_messages.h"
#include "tuco/internal/shape_detector.h"
#include "tuco/timestamp.h"

namespace tuco::internal {

// Tells a `Sink` of an event or a row, each thing once at most:
//
//   void Type(EventType, std::string_view name);    // first, if it has one
//   void Shape(tuco::Shape);                        // then
//   void Text(Field, std::string_view);             // the rest in any order;
//   void Time(Field, Timestamp);                    // texts are well-formed
//   void StepIndex(std::int64_t);                   // and valid until Read
//   void SendFallbackSmsOnFailed(bool);             // goes on
//   void Test();                                    // may come twice
//   void Texts(Field, const JsonReader&, std::uint32_t array);
//   void Parents(std::vector<ParentMessage>);
//   void RecentReplies(std::vector<RecentReply>);
//   bool WantsExtraJson() const;                    // if so, last:
//   void ExtraJson(std::string);
//
// A template, for there is no time for calls through pointers here.
template <typename Sink>
class BodyReader {
 public:
  // Both outlive this; `json` has parsed an object.
  BodyReader(const JsonReader& json, Sink& sink)
      : json_(json), sink_(sink), sources_(json) {}

  void Read() {
    ReadType();
    const tuco::Shape shape = DetectShape(sources_);
    sink_.Shape(shape);
    if (shape == tuco::Shape::kS6) {
      AssignSides();
    } else {
      sources_.AddUnmappedNullSides();
    }
    for (const Candidate& candidate : sources_) Settle(candidate);
    if (!sink_.WantsExtraJson()) return;
    std::optional<std::string> extra = ExtraJson(json_, sources_);
    if (extra) sink_.ExtraJson(*std::move(extra));
  }

 private:
  void ReadType() {
    const Candidate* source = sources_.Best(Field::kTypeName);
    if (source == nullptr) return;
    const std::string_view name = json_.Text(json_[source->node], scratch_);
    type_ = EventTypeFromName(name);
    sink_.Type(type_, name);
  }

  // S6 names the sender and the receiver instead of contact and line.
  void AssignSides() {
    const bool reply = type_ == EventType::kMessageReply;
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
        sink_.Time(candidate.field,
                   Timestamp(std::chrono::microseconds(candidate.number)));
        return true;
      case FieldKind::kCount:
        sink_.StepIndex(candidate.number);
        return true;
      case FieldKind::kBool:
        sink_.SendFallbackSmsOnFailed(candidate.number != 0);
        return true;
      case FieldKind::kMark:
        sink_.Test();
        return true;
      case FieldKind::kTexts:
        sink_.Texts(candidate.field, json_, candidate.node);
        return true;
      case FieldKind::kObjects:
        return StoreObjects(candidate);
      case FieldKind::kNone:
        break;
    }
    return false;
  }

  bool StoreText(const Candidate& candidate) {
    if (candidate.field == Field::kTypeName) return true;  // By ReadType.
    // Still `from` or `to`: only S6 gives those a meaning.
    if (candidate.field > Field::kTypeName) return false;
    sink_.Text(candidate.field, json_.Text(json_[candidate.node], scratch_));
    return true;
  }

  bool StoreObjects(const Candidate& candidate) {
    if (candidate.field == Field::kParents) {
      auto read = ReadParents(json_, candidate.node);
      sink_.Parents(std::move(read.messages));
      return read.complete;
    }
    auto read = ReadRecentReplies(json_, candidate.node);
    sink_.RecentReplies(std::move(read.messages));
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
  Sink& sink_;
  FieldSources sources_;
  EventType type_ = EventType::kUnspecified;
  std::string scratch_;
};

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_BODY_READER_H_
