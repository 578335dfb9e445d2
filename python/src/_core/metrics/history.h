// What became of each message, and what was answered: a table's events made
// into facts about messages, whatever order they come in and however often.
//
// docs/metrics.md has the definitions; the names here are the ones there.

#ifndef TUCO_PYTHON_CORE_METRICS_HISTORY_H_
#define TUCO_PYTHON_CORE_METRICS_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "_core/metrics/earliest.h"
#include "_core/metrics/event_reader.h"
#include "tuco/event_type.h"

namespace tuco::python::metrics {

// Whose word counts as delivery.
enum class Delivery : std::uint8_t { kAccepted, kConfirmed };

// A message that was attempted.
struct Message {
  std::int64_t id = kNone;
  std::int64_t time = kNever;
  // A bit for each type of event, and two more for times in any of them.
  std::uint8_t facts = 0;
  bool opted_out = false;
  std::int32_t replies = 0;
  std::int64_t first_reply = kNever;

  static constexpr std::uint8_t kDeliveredAt = 1U << 0;
  static constexpr std::uint8_t kReadAt = 1U << 7;
  static constexpr std::uint8_t FactOf(EventType type) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(type));
  }

  bool Sent() const {
    return Has(EventType::kMessageSent) || Confirmed() || Opened();
  }
  bool Delivered(Delivery delivery) const {
    if (Confirmed() || delivery == Delivery::kConfirmed) return Confirmed();
    return Opened() ||
           (Has(EventType::kMessageSent) && !HasFailed() && !FellBack());
  }
  bool Failed() const { return HasFailed() && !Confirmed() && !Opened(); }
  bool FellBack() const { return Has(EventType::kMessageFallback); }
  bool Opened() const {
    return Has(EventType::kMessageOpened) || (facts & kReadAt) != 0;
  }
  bool Replied() const { return replies > 0; }

 private:
  bool Has(EventType type) const { return (facts & FactOf(type)) != 0; }
  bool HasFailed() const { return Has(EventType::kMessageFailed); }
  bool Confirmed() const {
    return Has(EventType::kMessageDelivered) || (facts & kDeliveredAt) != 0;
  }
};

// A reply, copies of it counted once.
struct Reply {
  std::int64_t time = kNever;
  bool opt_out = false;
};

// What a table's events were; each is counted in one of these.
struct Coverage {
  std::int64_t events = 0;
  std::int64_t tests = 0;
  std::int64_t flagged = 0;
  std::int64_t other_types = 0;
  std::int64_t without_message_id = 0;
  std::int64_t copies = 0;
  std::int64_t facts = 0;
  std::int64_t replies = 0;
  // Of these replies, and of the opt-outs among them, those that answer no
  // message that is known.
  std::int64_t replies_unmatched = 0;
  std::int64_t opt_outs_unmatched = 0;
};

// Which events count.
struct Selection {
  bool include_tests = false;
  std::uint32_t include_flags = 0;  // One of these, if there are any.
  std::uint32_t exclude_flags = 0;  // None of these.
};

// What the events of a message, or of a reply, say of it; kInReplyTo of replies
// only, everything behind it of messages only.
enum class Attribute : std::uint8_t {
  kWorkspace,
  kLead,
  kPhone,
  kEmail,
  kInReplyTo,
  kLine,
  kCampaign,
  kChannel,
  kStep,
};
inline constexpr std::size_t kAttributes = 9;

// Messages or replies, and their attributes as their earliest events say them.
template <typename Thing>
struct Things {
  std::vector<Thing> all;
  std::array<Earliest, kAttributes> attributes;

  std::int64_t size() const { return static_cast<std::int64_t>(all.size()); }
  Thing& operator[](std::int64_t number) {
    return all[static_cast<std::size_t>(number)];
  }
  const Thing& operator[](std::int64_t number) const {
    return all[static_cast<std::size_t>(number)];
  }
  // The number of a text, a step, or kNone.
  std::int64_t Get(Attribute attribute, std::int64_t number) const {
    return attributes[static_cast<std::size_t>(attribute)][number];
  }
};

// The messages and replies of a table, or of one endpoint's part of it. One
// thread at a time.
class History {
 public:
  // `texts` must outlive it.
  History(const Selection& selection, const Texts& texts)
      : selection_(selection), texts_(texts) {}

  // Adds an event, and says whether the selection has it.
  bool Add(const EventRow& event);
  // When all are added: says which message each reply answers. `window` is the
  // longest time, in microseconds, between a message and a reply that does not
  // say what it answers.
  void MatchReplies(std::int64_t window);

  const Things<Message>& messages() const { return messages_; }
  const Things<Reply>& replies() const { return replies_; }
  const Coverage& coverage() const { return coverage_; }
  const Texts& texts() const { return texts_; }
  // The number of the message with that id, kNone when it was not attempted.
  std::int64_t FindMessage(std::int64_t id) const;
  // Replies and the ids of messages in their threads, as pairs of numbers.
  const std::vector<std::pair<std::int64_t, std::int64_t>>& parents() const {
    return parents_;
  }

 private:
  bool Selected(const EventRow& event);
  void AddFact(const EventRow& event);
  void AddReply(const EventRow& event);
  std::int64_t ReplyOf(const EventRow& event);
  template <typename Thing>
  void Describe(Things<Thing>& things, std::int64_t number, std::int64_t time,
                const EventRow& event);

  const Selection selection_;
  const Texts& texts_;
  Coverage coverage_;
  Things<Message> messages_;
  Things<Reply> replies_;
  std::vector<std::pair<std::int64_t, std::int64_t>> parents_;
  // By the number of an id, or of an event's id where a reply has no other.
  std::vector<std::int64_t> message_of_id_;
  std::vector<std::int64_t> reply_of_id_;
  std::vector<std::int64_t> reply_of_event_;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_HISTORY_H_
