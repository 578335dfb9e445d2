#include "_core/metrics/attribution.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "_core/metrics/history.h"

namespace tuco::python::metrics {
namespace {

// What a reply itself says of the message that it answers.
struct Said {
  bool names_one = false;
  std::int64_t message = kNone;  // The one that is known.
};

// Of each reply, its own words.
class OwnWords {
 public:
  explicit OwnWords(const History& history) : history_(history) {
    said_.resize(static_cast<std::size_t>(history.replies().size()));
    for (const auto& [reply, id] : history.parents()) {
      Said& said = said_[static_cast<std::size_t>(reply)];
      said.names_one = true;
      said.message = Later(said.message, history.FindMessage(id));
    }
    for (std::int64_t reply = 0; reply < history.replies().size(); ++reply) {
      AddOriginal(reply);
    }
  }

  const Said& operator[](std::int64_t reply) const {
    return said_[static_cast<std::size_t>(reply)];
  }

 private:
  // The message that a reply names as the original goes before its parents.
  void AddOriginal(std::int64_t reply) {
    const std::int64_t id =
        history_.replies().Get(Attribute::kInReplyTo, reply);
    if (id == kNone) return;
    Said& said = said_[static_cast<std::size_t>(reply)];
    said.names_one = true;
    const std::int64_t message = history_.FindMessage(id);
    if (message != kNone) said.message = message;
  }

  // The one sent last; a message without a time counts as the first.
  std::int64_t Later(std::int64_t a, std::int64_t b) const {
    if (a == kNone || b == kNone) return a == kNone ? b : a;
    const auto rank = [&](std::int64_t number) {
      const Message& message = history_.messages()[number];
      const std::int64_t time =
          message.time == kNever ? kFirstTime - 1 : message.time;
      return std::pair(time,
                       history_.texts().Get(Text::kMessageId, message.id));
    };
    return rank(a) < rank(b) ? b : a;
  }

  const History& history_;
  std::vector<Said> said_;
};

// The delivered messages by one way of knowing to whom.
class Correspondence {
 public:
  Correspondence(const History& history, Attribute contact, bool same_workspace)
      : history_(history), contact_(contact), same_workspace_(same_workspace) {}

  // The last message to the contact of `reply`, no later than it and no earlier
  // than `window` before it.
  std::int64_t LastBefore(std::int64_t reply, std::int64_t window) {
    const std::int64_t contact = history_.replies().Get(contact_, reply);
    const std::int64_t time = history_.replies()[reply].time;
    if (contact == kNone || time == kNever) return kNone;
    if (!sorted_) Sort();
    const auto after =
        std::upper_bound(sent_.begin(), sent_.end(), std::pair(contact, time),
                         [](const auto& wanted, const Sent& sent) {
                           return wanted < std::pair(sent.contact, sent.time);
                         });
    for (auto sent = after; sent != sent_.begin();) {
      --sent;
      if (sent->contact != contact || time - sent->time > window) break;
      if (!same_workspace_ || MayBeSameWorkspace(reply, sent->message)) {
        return sent->message;
      }
    }
    return kNone;
  }

 private:
  struct Sent {
    std::int64_t contact;
    std::int64_t time;
    std::int64_t message;
  };

  void Sort() {
    sorted_ = true;
    const Things<Message>& messages = history_.messages();
    for (std::int64_t i = 0; i < messages.size(); ++i) {
      const std::int64_t contact = messages.Get(contact_, i);
      if (contact == kNone || messages[i].time == kNever ||
          !messages[i].Delivered(Delivery::kAccepted)) {
        continue;
      }
      sent_.push_back(
          {.contact = contact, .time = messages[i].time, .message = i});
    }
    std::sort(sent_.begin(), sent_.end(), [&](const Sent& a, const Sent& b) {
      if (a.contact != b.contact) return a.contact < b.contact;
      if (a.time != b.time) return a.time < b.time;
      return IdOf(a) < IdOf(b);
    });
  }

  std::string_view IdOf(const Sent& sent) const {
    return history_.texts().Get(Text::kMessageId,
                                history_.messages()[sent.message].id);
  }

  bool MayBeSameWorkspace(std::int64_t reply, std::int64_t message) const {
    const std::int64_t of_reply =
        history_.replies().Get(Attribute::kWorkspace, reply);
    const std::int64_t of_message =
        history_.messages().Get(Attribute::kWorkspace, message);
    return of_reply == kNone || of_message == kNone || of_reply == of_message;
  }

  const History& history_;
  const Attribute contact_;
  const bool same_workspace_;
  bool sorted_ = false;
  std::vector<Sent> sent_;
};

}  // namespace

std::vector<std::int64_t> AnsweredMessages(const History& history,
                                           std::int64_t window) {
  const OwnWords own_words(history);
  std::array<Correspondence, 3> ways = {
      Correspondence(history, Attribute::kLead, false),
      Correspondence(history, Attribute::kPhone, true),
      Correspondence(history, Attribute::kEmail, true)};
  std::vector<std::int64_t> answered;
  for (std::int64_t reply = 0; reply < history.replies().size(); ++reply) {
    std::int64_t message = own_words[reply].message;
    if (!own_words[reply].names_one) {
      for (Correspondence& way : ways) {
        message = way.LastBefore(reply, window);
        if (message != kNone) break;
      }
    }
    answered.push_back(message);
  }
  return answered;
}

}  // namespace tuco::python::metrics
