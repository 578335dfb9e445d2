// The rows of a table of events, as far as metrics need them.

#ifndef TUCO_PYTHON_CORE_METRICS_EVENT_READER_H_
#define TUCO_PYTHON_CORE_METRICS_EVENT_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "_core/arrow/column_views.h"
#include "_core/arrow/dictionary.h"
#include "_core/arrow/stream_reader.h"
#include "tuco/event.h"

namespace tuco::python::metrics {

// A time that is not there: later than all others.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// Between these are the years from 1 to 9999, in every time zone. Others are
// mistakes, and count as not there.
inline constexpr std::int64_t kFirstTime = -62'135'510'400'000'000;
inline constexpr std::int64_t kEndOfTime = 253'402'214'400'000'000;
// A text, or a step, that is not there.
inline constexpr std::int64_t kNone = -1;

// Columns whose texts get numbers.
enum class Text : std::uint8_t {
  kEventId,
  kMessageId,  // Also those that replies name.
  kWorkspace,
  kEndpoint,
  kLine,
  kCampaign,
  kCampaignName,
  kChannel,
  kLead,
  kPhone,
  kEmail,
};
inline constexpr std::size_t kTexts = 11;

// The texts of all columns, each with a number from 0.
class Texts {
 public:
  arrow::Dictionary& operator[](Text column) {
    return dictionaries_[static_cast<std::size_t>(column)];
  }
  const arrow::Dictionary& operator[](Text column) const {
    return dictionaries_[static_cast<std::size_t>(column)];
  }
  // The text itself; requires that it is there.
  std::string_view Get(Text column, std::int64_t number) const {
    return (*this)[column][static_cast<std::int32_t>(number)];
  }

 private:
  std::array<arrow::Dictionary, kTexts> dictionaries_;
};

// An event. Times are microseconds since 1970 or kNever, texts their numbers
// or kNone.
struct EventRow {
  EventType type = EventType::kUnspecified;
  // A bit for each flag, as by FlagBit.
  std::uint32_t flags = 0;
  std::int64_t occurred_at = kNever;
  std::int64_t received_at = kNever;
  std::int64_t sent_at = kNever;
  bool has_delivered_at = false;
  bool has_read_at = false;
  bool opt_out = false;
  std::int64_t step = kNone;
  std::int64_t in_reply_to = kNone;
  std::array<std::int64_t, kTexts> texts{};
  // The ids of the messages that a reply's body has before it.
  std::vector<std::int64_t> parents;

  std::int64_t text(Text column) const {
    return texts[static_cast<std::size_t>(column)];
  }
};

// The bit of a flag in a set of them; 0 for a name that this version does not
// know.
std::uint32_t FlagBit(std::string_view name);

// Which columns are read, beyond what everybody needs.
struct Wanted {
  // Times and the texts of `texts`, but nothing of messages.
  bool traffic_only = false;
  std::vector<Text> texts;
  bool step = false;
};

// Reads the rows of a stream, one after the other. One thread at a time.
class EventReader {
 public:
  // Throws std::invalid_argument that names the columns which the stream lacks,
  // and arrow::WrongType for one of another type. `stream` and `texts` must
  // outlive the reader.
  EventReader(arrow::StreamReader& stream, const Wanted& wanted, Texts& texts);
  ~EventReader();

  // Goes to the next row; nullptr at the end. Valid until the next call.
  // Throws as StreamReader::Next, and std::invalid_argument for a type of event
  // that is none.
  const EventRow* Next();

 private:
  struct Places;  // Of the columns in the stream.
  struct Views;   // Of the columns of a batch.

  void Find(const Wanted& wanted);
  bool NextBatch();
  void ReadRow(std::int64_t row);
  void ReadMessage(std::int64_t row);
  void ReadReply(std::int64_t row);

  arrow::StreamReader& stream_;
  Texts& texts_;
  std::unique_ptr<Places> places_;
  std::unique_ptr<Views> views_;
  std::int64_t row_ = 0;
  std::int64_t rows_ = 0;
  EventRow event_;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_EVENT_READER_H_
