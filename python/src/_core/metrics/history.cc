#include "_core/metrics/history.h"

#include <algorithm>
#include <functional>
#include <type_traits>

#include "_core/metrics/attribution.h"

namespace tuco::python::metrics {
namespace {

// Which attribute each text is: of messages and replies, and of messages only.
using TextAttribute = std::pair<Attribute, Text>;
constexpr std::array<TextAttribute, 4> kWhoAttributes = {{
    {Attribute::kWorkspace, Text::kWorkspace},
    {Attribute::kLead, Text::kLead},
    {Attribute::kPhone, Text::kPhone},
    {Attribute::kEmail, Text::kEmail},
}};
constexpr std::array<TextAttribute, 3> kMessageAttributes = {{
    {Attribute::kLine, Text::kLine},
    {Attribute::kCampaign, Text::kCampaign},
    {Attribute::kChannel, Text::kChannel},
}};

// The place of `number`, kNone where nothing was put yet.
std::int64_t& Place(std::vector<std::int64_t>& places, std::int64_t number) {
  const auto at = static_cast<std::size_t>(number);
  if (at >= places.size()) places.resize(at + 1, kNone);
  return places[at];
}

// When a message's event says that the message was.
std::int64_t TimeOf(const EventRow& event) {
  const std::int64_t fired =
      event.occurred_at != kNever ? event.occurred_at : event.received_at;
  return std::min(fired, event.sent_at);
}

// When a reply's event says that the reply came.
std::int64_t ReplyTimeOf(const EventRow& event) {
  for (const std::int64_t time : {event.occurred_at, event.sent_at}) {
    if (time != kNever) return time;
  }
  return event.received_at;
}

}  // namespace

bool History::Add(const EventRow& event) {
  ++coverage_.events;
  if (!Selected(event)) return false;
  if (event.type == EventType::kMessageReply) {
    AddReply(event);
  } else if (event.type == EventType::kUnspecified) {
    ++coverage_.other_types;
  } else if (event.text(Text::kMessageId) == kNone) {
    ++coverage_.without_message_id;
  } else {
    AddFact(event);
  }
  return true;
}

bool History::Selected(const EventRow& event) {
  constexpr std::uint32_t kTest = Flags({Flag::kTest}).bits();
  if (!selection_.include_tests && (event.flags & kTest) != 0) {
    ++coverage_.tests;
    return false;
  }
  const bool lacks = selection_.include_flags != 0 &&
                     (event.flags & selection_.include_flags) == 0;
  if (lacks || (event.flags & selection_.exclude_flags) != 0) {
    ++coverage_.flagged;
    return false;
  }
  return true;
}

void History::AddFact(const EventRow& event) {
  std::int64_t& place = Place(message_of_id_, event.text(Text::kMessageId));
  if (place == kNone) {
    place = messages_.size();
    messages_.all.push_back({.id = event.text(Text::kMessageId)});
  }
  Message& message = messages_[place];
  const std::uint8_t fact = Message::FactOf(event.type);
  ++((message.facts & fact) != 0 ? coverage_.copies : coverage_.facts);
  message.facts |= fact;
  if (event.has_delivered_at) message.facts |= Message::kDeliveredAt;
  if (event.has_read_at) message.facts |= Message::kReadAt;
  const std::int64_t time = TimeOf(event);
  message.time = std::min(message.time, time);
  Describe(messages_, place, time, event);
}

void History::AddReply(const EventRow& event) {
  const std::int64_t number = ReplyOf(event);
  Reply& reply = replies_[number];
  const std::int64_t time = ReplyTimeOf(event);
  reply.time = std::min(reply.time, time);
  reply.opt_out = reply.opt_out || event.opt_out;
  Describe(replies_, number, time, event);
  for (const std::int64_t id : event.parents) parents_.emplace_back(number, id);
}

std::int64_t History::ReplyOf(const EventRow& event) {
  const std::int64_t id = event.text(Text::kMessageId);
  const std::int64_t event_id = event.text(Text::kEventId);
  std::int64_t unknown = kNone;
  std::int64_t& place = id != kNone         ? Place(reply_of_id_, id)
                        : event_id != kNone ? Place(reply_of_event_, event_id)
                                            : unknown;
  if (place == kNone) {
    place = replies_.size();
    replies_.all.emplace_back();
    ++coverage_.replies;
  } else {
    ++coverage_.copies;
  }
  return place;
}

template <typename Thing>
void History::Describe(Things<Thing>& things, std::int64_t number,
                       std::int64_t time, const EventRow& event) {
  const auto offer = [&](Attribute attribute, std::int64_t value,
                         const auto& less) {
    things.attributes[static_cast<std::size_t>(attribute)].Offer(number, time,
                                                                 value, less);
  };
  const auto by_text = [&](Text text) {
    return [this, text](std::int64_t a, std::int64_t b) {
      return texts_.Get(text, a) < texts_.Get(text, b);
    };
  };
  for (const auto& [attribute, text] : kWhoAttributes) {
    offer(attribute, event.text(text), by_text(text));
  }
  if constexpr (std::is_same_v<Thing, Reply>) {
    offer(Attribute::kInReplyTo, event.in_reply_to, by_text(Text::kMessageId));
    return;
  }
  for (const auto& [attribute, text] : kMessageAttributes) {
    offer(attribute, event.text(text), by_text(text));
  }
  offer(Attribute::kStep, event.step, std::less<>());
}

std::int64_t History::FindMessage(std::int64_t id) const {
  const auto at = static_cast<std::size_t>(id);
  return at < message_of_id_.size() ? message_of_id_[at] : kNone;
}

void History::MatchReplies(std::int64_t window) {
  const std::vector<std::int64_t> matches = AnsweredMessages(*this, window);
  for (std::int64_t number = 0; number < replies_.size(); ++number) {
    const Reply& reply = replies_[number];
    const std::int64_t match = matches[static_cast<std::size_t>(number)];
    if (match == kNone) {
      ++coverage_.replies_unmatched;
      coverage_.opt_outs_unmatched += reply.opt_out ? 1 : 0;
      continue;
    }
    Message& message = messages_[match];
    ++message.replies;
    message.opted_out = message.opted_out || reply.opt_out;
    message.first_reply = std::min(message.first_reply, reply.time);
  }
}

}  // namespace tuco::python::metrics
