#include "server/cli/event_text.h"

#include <cstddef>
#include <string_view>

#include "absl/strings/ascii.h"
#include "server/cli/columns.h"
#include "server/cli/terminal_text.h"
#include "tuco/event_type.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

constexpr std::size_t kSequenceWidth = 8;
constexpr std::size_t kNameWidth = 17;
constexpr std::size_t kTextPointsMax = 160;

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kBoldRed = "\x1b[1;31m";

std::string_view ColourOf(pb::EventType type) {
  switch (type) {
    case pb::EVENT_TYPE_MESSAGE_REPLY:
      return kGreen;
    case pb::EVENT_TYPE_MESSAGE_FAILED:
      return kRed;
    case pb::EVENT_TYPE_MESSAGE_FALLBACK:
      return kYellow;
    default:
      return {};
  }
}

// Joins the parts of a line.
class Line {
 public:
  explicit Line(bool colours) : colours_(colours) {}

  // Adds `text` behind two blanks, unless it is empty.
  void Add(std::string_view text, std::string_view colour = {}) {
    if (text.empty()) return;
    if (!line_.empty()) line_ += "  ";
    const bool coloured = colours_ && !colour.empty();
    line_ += coloured ? Concat({colour, text, kReset}) : std::string(text);
  }

  std::string Finish() && { return std::move(line_) + "\n"; }

 private:
  const bool colours_;
  std::string line_;
};

const google::protobuf::Timestamp* TimeOf(const pb::Event& event) {
  if (event.has_recorded_at()) return &event.recorded_at();
  if (event.has_received_at()) return &event.received_at();
  return event.has_occurred_at() ? &event.occurred_at() : nullptr;
}

std::string TimeText(const pb::Event& event) {
  const google::protobuf::Timestamp* time = TimeOf(event);
  return time == nullptr ? PadRight("-", kTimeWidth) : TimeColumn(*time);
}

std::string NameOf(const pb::Event& event) {
  return event.type_name().empty() ? "(no name)" : Word(event.type_name());
}

// A flag that this version does not know is shown by its number.
std::string FlagText(int flag) {
  if (!pb::Flag_IsValid(flag)) return std::to_string(flag);
  return absl::AsciiStrToLower(ToAbsl(FlagName(static_cast<Flag>(flag))));
}

std::string FlagsText(const pb::Event& event) {
  std::string text;
  for (const int flag : event.flags()) {
    text += (text.empty() ? "[" : " ") + FlagText(flag);
  }
  return text.empty() ? text : text + "]";
}

std::string FullName(const pb::Contact& contact) {
  if (!contact.display_name().empty()) return contact.display_name();
  const bool both =
      !contact.first_name().empty() && !contact.last_name().empty();
  return Concat({contact.first_name(), both ? " " : "", contact.last_name()});
}

std::string ContactText(const pb::Contact& contact) {
  const std::string& address =
      contact.phone().empty() ? contact.email() : contact.phone();
  const std::string name = FullName(contact);
  const bool both = !address.empty() && !name.empty();
  return Concat({Word(address), both ? " " : "", Word(name)});
}

void AddProblem(std::string_view label, std::string_view problem, Line& line) {
  if (problem.empty()) return;
  line.Add(Concat({label, " ", QuoteForTerminal(problem, kTextPointsMax)}));
}

}  // namespace

std::string EventText(const pb::Event& event, bool colours) {
  const pb::Message& message = event.message();
  Line line(colours);
  line.Add(TimeText(event), kDim);
  line.Add(PadLeft(std::to_string(event.sequence()), kSequenceWidth));
  line.Add(PadRight(NameOf(event), kNameWidth), ColourOf(event.type()));
  line.Add(FlagsText(event), kYellow);
  line.Add(ContactText(event.contact()));
  line.Add(Word(message.line_id()), kDim);
  if (message.has_text()) {
    line.Add(QuoteForTerminal(message.text(), kTextPointsMax));
  }
  AddProblem("error", message.error(), line);
  AddProblem("reason", message.reason(), line);
  if (event.opt_out()) line.Add("OPT-OUT", kBoldRed);
  return std::move(line).Finish();
}

}  // namespace tuco::cli
