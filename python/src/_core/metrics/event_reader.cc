#include "_core/metrics/event_reader.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "_core/enums.h"

namespace tuco::python::metrics {
namespace {

using arrow::BoolView;
using arrow::ColumnSlice;
using arrow::IntView;
using arrow::ListView;
using arrow::TextView;
using arrow::TimeView;

// The column of each Text, in its order.
constexpr std::array<std::string_view, kTexts> kTextColumns = {
    "event_id",        "message_id",    "workspace_id",  "endpoint",
    "message_line_id", "campaign_id",   "campaign_name", "message_channel",
    "contact_lead_id", "contact_phone", "contact_email",
};

// An analyst's own tables may have ids only.
constexpr bool IsOptional(Text column) { return column == Text::kCampaignName; }

// Columns that everybody reads, and those that say what became of messages.
constexpr std::array<std::string_view, 2> kTrafficColumns = {"occurred_at",
                                                             "received_at"};
constexpr std::array<std::string_view, 8> kMessageColumns = {
    "type",
    "flags",
    "opt_out",
    "message_sent_at",
    "message_delivered_at",
    "message_read_at",
    "message_in_reply_to",
    "message_parents"};
constexpr std::array<Text, 6> kMessageTexts = {
    Text::kEventId, Text::kMessageId, Text::kWorkspace,
    Text::kLead,    Text::kPhone,     Text::kEmail};
constexpr std::string_view kStepColumn = "message_step_index";

EventType RequireType(std::string_view name) {
  static const std::vector<std::string_view> names = EventTypeNames();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) {
    return static_cast<EventType>(found - names.begin());
  }
  throw std::invalid_argument(
      "column type: expected the name of an EventType, such as MESSAGE_SENT");
}

// Texts as what a function makes of them, which is asked once for each text of
// a dictionary. Empty texts are absent.
template <typename Value>
class MappedColumn {
 public:
  MappedColumn(const ColumnSlice& column, Value absent)
      : view_(column),
        absent_(absent),
        known_(static_cast<std::size_t>(view_.dictionary_size())) {}

  template <typename Function>
  Value Get(std::int64_t row, const Function& function) {
    if (view_.dictionary_size() == 0) return Map(view_[row], function);
    const std::optional<std::int64_t> index = view_.IndexOf(row);
    if (!index.has_value()) return absent_;
    std::optional<Value>& known = known_[static_cast<std::size_t>(*index)];
    if (!known.has_value()) {
      known = Map(view_.DictionaryText(*index), function);
    }
    return *known;
  }

 private:
  template <typename Function>
  Value Map(std::optional<std::string_view> text, const Function& function) {
    return text.has_value() && !text->empty() ? function(*text) : absent_;
  }

  TextView view_;
  Value absent_;
  std::vector<std::optional<Value>> known_;
};

// Texts as their numbers, for all rows of a batch at once.
class NumberedColumn {
 public:
  // `items` are how many rows or list items the column has.
  NumberedColumn(const ColumnSlice& column, std::int64_t items,
                 arrow::Dictionary& numbers) {
    const TextView view(column);
    numbers_.assign(static_cast<std::size_t>(items), kNone);
    if (view.dictionary_size() == 0) {
      NumberTexts(view, numbers);
    } else {
      NumberDictionary(view, numbers);
    }
  }

  std::int64_t operator[](std::int64_t row) const {
    return numbers_[static_cast<std::size_t>(row)];
  }

 private:
  void NumberTexts(const TextView& view, arrow::Dictionary& numbers) {
    std::vector<std::string_view> texts;
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < size(); ++row) {
      const std::optional<std::string_view> text = view[row];
      if (!text.has_value() || text->empty()) continue;
      texts.push_back(*text);
      rows.push_back(row);
    }
    std::vector<std::int32_t> found(texts.size());
    numbers.IndexEach(texts, found);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      numbers_[static_cast<std::size_t>(rows[i])] = found[i];
    }
  }

  void NumberDictionary(const TextView& view, arrow::Dictionary& numbers) {
    // -2: not looked at yet.
    constexpr std::int64_t kUnseen = kNone - 1;
    std::vector<std::int64_t> known(
        static_cast<std::size_t>(view.dictionary_size()), kUnseen);
    for (std::int64_t row = 0; row < size(); ++row) {
      const std::optional<std::int64_t> index = view.IndexOf(row);
      if (!index.has_value()) continue;
      std::int64_t& number = known[static_cast<std::size_t>(*index)];
      if (number == kUnseen) {
        const auto text = view.DictionaryText(*index).value_or("");
        number = text.empty() ? kNone : numbers.Index(text);
      }
      numbers_[static_cast<std::size_t>(row)] = number;
    }
  }

  std::int64_t size() const {
    return static_cast<std::int64_t>(numbers_.size());
  }

  std::vector<std::int64_t> numbers_;
};

// The ids in a list of structs with a member `message_id`.
class ParentIds {
 public:
  ParentIds(const ColumnSlice& column, arrow::Dictionary& numbers)
      : lists_(column),
        ids_(IdColumn(column, lists_.items()), lists_.items().array->length,
             numbers) {}

  void Append(std::int64_t row, std::vector<std::int64_t>& out) const {
    const auto [begin, end] = lists_[row];
    for (std::int64_t i = begin; i < end; ++i) {
      if (ids_[i] != kNone) out.push_back(ids_[i]);
    }
  }

 private:
  static ColumnSlice IdColumn(const ColumnSlice& column,
                              const ColumnSlice& items) {
    const ArrowSchema& schema = *items.schema;
    if (std::string_view(schema.format) == "n") return items;
    for (std::int64_t i = 0; i < schema.n_children; ++i) {
      if (std::string_view(schema.children[i]->name) == "message_id") {
        return ColumnSlice::OfStruct(schema, *items.array, i);
      }
    }
    throw arrow::WrongType(*column.schema, "list of structs with message_id");
  }

  ListView lists_;
  NumberedColumn ids_;
};

// The time in a row, kNever for those that no calendar has.
std::int64_t TimeIn(const TimeView& column, std::int64_t row) {
  const std::int64_t time = column[row].value_or(kNever);
  return time >= kFirstTime && time < kEndOfTime ? time : kNever;
}

// The sets of flags.
class FlagSets {
 public:
  explicit FlagSets(const ColumnSlice& column)
      : lists_(column), names_(lists_.items(), 0) {}

  std::uint32_t Get(std::int64_t row) {
    std::uint32_t set = 0;
    const auto [begin, end] = lists_[row];
    for (std::int64_t i = begin; i < end; ++i) set |= names_.Get(i, &FlagBit);
    return set;
  }

 private:
  ListView lists_;
  MappedColumn<std::uint32_t> names_;
};

std::string Join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    joined += (joined.empty() ? "" : ", ") + name;
  }
  return joined;
}

}  // namespace

std::uint32_t FlagBit(std::string_view name) {
  constexpr auto kLast = static_cast<std::uint32_t>(Flag::kWorkspaceMismatch);
  for (std::uint32_t i = 1; i <= kLast; ++i) {
    const auto flag = static_cast<Flag>(i);
    if (FlagName(flag) == name) return Flags({flag}).bits();
  }
  return 0;
}

// Places of columns that are not read are -1.
struct EventReader::Places {
  std::array<std::int64_t, kTrafficColumns.size()> traffic;
  std::array<std::int64_t, kMessageColumns.size()> message;
  std::array<std::int64_t, kTexts> texts;
  std::int64_t step = -1;

  Places() {
    traffic.fill(-1);
    message.fill(-1);
    texts.fill(-1);
  }
  bool has_messages() const { return message[0] >= 0; }
};

struct EventReader::Views {
  // Those of messages: all are there or none.
  struct OfMessages {
    OfMessages(const auto& column, std::int64_t rows, arrow::Dictionary& ids)
        : type(column(0), EventType::kUnspecified),
          flags(column(1)),
          opt_out(column(2)),
          sent_at(column(3)),
          delivered_at(column(4)),
          read_at(column(5)),
          in_reply_to(column(6), rows, ids),
          parents(column(7), ids) {}

    MappedColumn<EventType> type;
    FlagSets flags;
    BoolView opt_out;
    TimeView sent_at;
    TimeView delivered_at;
    TimeView read_at;
    NumberedColumn in_reply_to;
    ParentIds parents;
  };

  Views(const Places& places, std::int64_t rows, Texts& numbers,
        const auto& column)
      : occurred_at(column(places.traffic[0])),
        received_at(column(places.traffic[1])) {
    if (places.has_messages()) {
      messages.emplace([&](std::size_t i) { return column(places.message[i]); },
                       rows, numbers[Text::kMessageId]);
    }
    for (std::size_t i = 0; i < kTexts; ++i) {
      if (places.texts[i] >= 0) {
        texts[i].emplace(column(places.texts[i]), rows,
                         numbers[static_cast<Text>(i)]);
      }
    }
    if (places.step >= 0) step.emplace(column(places.step));
  }

  TimeView occurred_at;
  TimeView received_at;
  std::optional<OfMessages> messages;
  std::array<std::optional<NumberedColumn>, kTexts> texts;
  std::optional<IntView> step;
};

EventReader::EventReader(arrow::StreamReader& stream, const Wanted& wanted,
                         Texts& texts)
    : stream_(stream), texts_(texts), places_(std::make_unique<Places>()) {
  event_.texts.fill(kNone);
  Find(wanted);
}

EventReader::~EventReader() = default;

void EventReader::Find(const Wanted& wanted) {
  std::vector<std::string> missing;
  const auto find = [&](std::string_view name, bool optional = false) {
    const std::int64_t place = stream_.Find(name);
    const bool is_known =
        std::find(missing.begin(), missing.end(), name) != missing.end();
    if (place < 0 && !optional && !is_known) missing.emplace_back(name);
    return place;
  };
  const auto find_text = [&](Text text) {
    const auto i = static_cast<std::size_t>(text);
    if (places_->texts[i] >= 0) return;
    places_->texts[i] = find(kTextColumns[i], IsOptional(text));
  };
  for (std::size_t i = 0; i < kTrafficColumns.size(); ++i) {
    places_->traffic[i] = find(kTrafficColumns[i]);
  }
  if (!wanted.traffic_only) {
    for (std::size_t i = 0; i < kMessageColumns.size(); ++i) {
      places_->message[i] = find(kMessageColumns[i]);
    }
    for (const Text text : kMessageTexts) find_text(text);
  }
  for (const Text text : wanted.texts) find_text(text);
  if (wanted.step) places_->step = find(kStepColumn);
  if (!missing.empty()) {
    throw std::invalid_argument("the table lacks " + Join(missing));
  }
}

bool EventReader::NextBatch() {
  views_.reset();  // They look into the batch that goes.
  if (!stream_.Next()) return false;
  const ArrowSchema& schema = stream_.schema();
  const ArrowArray& batch = stream_.batch();
  views_ = std::make_unique<Views>(
      *places_, batch.length, texts_, [&](std::int64_t place) {
        return ColumnSlice::OfStruct(schema, batch, place);
      });
  row_ = 0;
  rows_ = batch.length;
  return true;
}

const EventRow* EventReader::Next() {
  while (row_ == rows_) {
    if (!NextBatch()) return nullptr;
  }
  ReadRow(row_++);
  return &event_;
}

void EventReader::ReadRow(std::int64_t row) {
  event_.occurred_at = TimeIn(views_->occurred_at, row);
  event_.received_at = TimeIn(views_->received_at, row);
  for (std::size_t i = 0; i < kTexts; ++i) {
    if (views_->texts[i].has_value())
      event_.texts[i] = (*views_->texts[i])[row];
  }
  if (views_->step.has_value()) {
    event_.step = (*views_->step)[row].value_or(kNone);
  }
  if (views_->messages.has_value()) ReadMessage(row);
}

void EventReader::ReadMessage(std::int64_t row) {
  Views::OfMessages& views = *views_->messages;
  event_.type = views.type.Get(row, &RequireType);
  event_.flags = views.flags.Get(row);
  event_.sent_at = TimeIn(views.sent_at, row);
  event_.has_delivered_at = views.delivered_at[row].has_value();
  event_.has_read_at = views.read_at[row].has_value();
  if (event_.type == EventType::kMessageReply) ReadReply(row);
}

void EventReader::ReadReply(std::int64_t row) {
  Views::OfMessages& views = *views_->messages;
  event_.opt_out = views.opt_out[row].value_or(false);
  event_.in_reply_to = views.in_reply_to[row];
  event_.parents.clear();
  views.parents.Append(row, event_.parents);
}

}  // namespace tuco::python::metrics
