#include "_core/metrics/cohorts.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "_core/metrics/result.h"

namespace tuco::python::metrics {
namespace {

// A contact, and what is known of it.
struct Contact {
  std::int64_t first = kNever;
  std::string_view first_id;  // Of the message, to tell two of one time apart.
  std::size_t group = 0;
  std::int64_t reply = kNever;
};

// The contact of a message: which history's, by what, and its number.
using ContactKey = std::tuple<const History*, Attribute, std::int64_t>;

ContactKey ContactOf(const CountedMessage& message) {
  for (const Attribute attribute :
       {Attribute::kLead, Attribute::kPhone, Attribute::kEmail}) {
    const std::int64_t contact =
        message.history->messages().Get(attribute, message.number);
    if (contact != kNone) return {message.history, attribute, contact};
  }
  return {message.history, Attribute::kLead, kNone};
}

void Meet(Contact& contact, const CountedMessage& counted) {
  const Message& message = counted.message();
  const std::string_view id =
      counted.history->texts().Get(Text::kMessageId, message.id);
  if (std::pair(message.time, id) <
          std::pair(contact.first, contact.first_id) ||
      contact.first == kNever) {
    contact.first = message.time;
    contact.first_id = id;
    contact.group = counted.group;
  }
  contact.reply = std::min(contact.reply, message.first_reply);
}

// How many contacts are known for as long as each of the days, and how many of
// these replied in that time.
struct Cohort {
  std::vector<std::int64_t> contacts;
  std::vector<std::int64_t> replied;
};

void Add(Cohort& cohort, const Contact& contact, const CohortOptions& options) {
  cohort.contacts.resize(options.days.size());
  cohort.replied.resize(options.days.size());
  for (std::size_t i = 0; i < options.days.size(); ++i) {
    const std::int64_t end = contact.first + options.days[i] * kDayUs;
    if (end > options.until) break;
    ++cohort.contacts[i];
    if (contact.reply <= end) ++cohort.replied[i];
  }
}

void Write(Result& row, std::int64_t date, std::int64_t days,
           std::int64_t contacts, std::int64_t replied) {
  row.Date("cohort", static_cast<std::int32_t>(date));
  row.Count("days", days);
  row.Count("contacts", contacts);
  row.Count("replied", replied);
  row.Rate("reply_rate", replied, contacts, "contacts");
}

}  // namespace

Answer CohortsOf(const Counted& counted, const Grouping& grouping,
                 const CohortOptions& options) {
  Answer answer;
  answer.messages = static_cast<std::int64_t>(counted.messages.size());
  std::map<ContactKey, Contact> contacts;
  for (const CountedMessage& message : counted.messages) {
    if (message.message().time == kNever ||
        !message.message().Delivered(Delivery::kAccepted)) {
      continue;
    }
    const ContactKey key = ContactOf(message);
    if (std::get<std::int64_t>(key) == kNone) {
      ++answer.without_contact;
    } else {
      Meet(contacts[key], message);
    }
  }
  // By the group and the first day.
  std::vector<std::map<std::int64_t, Cohort>> cohorts(counted.groups.size());
  for (const auto& [key, contact] : contacts) {
    if (!options.window.Has(contact.first)) continue;
    const std::int64_t date = options.weekly
                                  ? options.local_time.Monday(contact.first)
                                  : options.local_time.Day(contact.first);
    Add(cohorts[contact.group][date], contact, options);
  }
  Result result([](Result& row) { Write(row, 0, 0, 0, 0); });
  std::vector<std::size_t> rows;  // The group of each.
  for (const std::size_t group : grouping.Sorted(counted.groups)) {
    for (const auto& [date, cohort] : cohorts[group]) {
      for (std::size_t i = 0; i < options.days.size(); ++i) {
        Write(result, date, options.days[i], cohort.contacts[i],
              cohort.replied[i]);
        result.EndRow();
        rows.push_back(group);
      }
    }
  }
  answer.table = result.Finish(grouping.Fields(),
                               grouping.Columns(counted.groups, rows, 1));
  return answer;
}

}  // namespace tuco::python::metrics
