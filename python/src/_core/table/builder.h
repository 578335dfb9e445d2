// Builds a table of events, a row at a time.
//
//   table::Builder builder(table::AllColumns(/*include_body=*/false));
//   builder.Append(event);                      // a row from a tuco::Event,
//
//   builder.Enum(Column::kType, 4);             // or field by field: what is
//   builder.Text(Column::kMessageId, "msg_1");  // not set is null, or nothing
//   builder.EndRow();                           // where it is never null
//
//   std::shared_ptr<const arrow::Table> table = builder.Finish();

#ifndef TUCO_PYTHON_CORE_TABLE_BUILDER_H_
#define TUCO_PYTHON_CORE_TABLE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/assembler.h"
#include "_core/arrow/builders.h"
#include "_core/table/schema.h"
#include "tuco/event.h"

namespace tuco::python::table {

// A batch ends with the row that makes it so long or so large.
inline constexpr std::int64_t kBatchRows = 65'536;
inline constexpr std::size_t kBatchBytes = std::size_t{64} << 20;

// One thread at a time, which needs no GIL. Throws std::bad_alloc.
//
// Texts must be well-formed UTF-8, for readers of Arrow trust that blindly:
// what a tuco::Event holds is, what comes from elsewhere goes through
// tuco::internal::AppendWellFormed. A row has each field once at most; every
// setter requires a column of its kind, and does nothing where the table does
// not have it.
class Builder {
 public:
  explicit Builder(const ColumnSet& columns);

  // A row with every field of the event; a sequence or epoch of zero is null.
  void Append(const Event& event);

  void Text(Column column, std::string_view text) {
    if (!has(column)) return;
    if (SpecOf(column).kind == ColumnKind::kRepeatingText) {
      Ready<arrow::DictionaryBuilder>(column).Append(text);
    } else {
      Ready<arrow::Utf8Builder>(column).Append(text);
    }
    bytes_ += text.size();
  }
  // The enumerator's number; one that this version does not know is 0.
  void Enum(Column column, std::uint32_t number) {
    if (!has(column)) return;
    Ready<arrow::DictionaryBuilder>(column).AppendFirst(number);
  }
  void Unsigned(Column column, std::uint64_t value) {
    if (!has(column)) return;
    Ready<arrow::Uint64Builder>(column).Append(value);
  }
  void Signed(Column column, std::int64_t value) {
    if (!has(column)) return;
    Ready<arrow::Int64Builder>(column).Append(value);
  }
  void Time(Column column, Timestamp time) {
    if (!has(column)) return;
    Ready<arrow::TimestampBuilder>(column).Append(
        time.time_since_epoch().count());
  }
  void Bool(Column column, bool value) {
    if (!has(column)) return;
    Ready<arrow::BoolBuilder>(column).Append(value);
  }
  void Body(std::string_view bytes) {
    if (!has(Column::kBody)) return;
    Ready<arrow::BinaryBuilder>(Column::kBody).Append(bytes);
    bytes_ += bytes.size();
  }
  // One more text of the row's list.
  void Item(Column column, std::string_view text) {
    if (!has(column)) return;
    Ready<arrow::Utf8ListBuilder>(column).items().Append(text);
    bytes_ += text.size();
  }
  // Those that this version knows.
  void Set(Flags flags);
  void Parents(std::span<const ParentMessage> parents);
  void RecentReplies(std::span<const RecentReply> replies);
  void EndRow();

  // The rows so far.
  std::int64_t rows() const { return assembler_.rows() + row_; }
  // What a column that the table does not have would cost can be saved.
  bool has(Column column) const { return columns_[IndexOf(column)] != nullptr; }

  // The rows so far, as a table; the builder begins anew.
  std::shared_ptr<const arrow::Table> Finish();

 private:
  // The column's builder, which has a value, or none, for each row before this.
  template <typename ColumnBuilder>
  ColumnBuilder& Ready(Column column) {
    auto& builder = static_cast<ColumnBuilder&>(*columns_[IndexOf(column)]);
    builder.PadTo(row_);
    return builder;
  }
  // Makes a list of the row's items, if it got some.
  template <typename ListBuilder>
  void EndListOf(Column column) {
    if (!has(column)) return;
    auto& list = static_cast<ListBuilder&>(*columns_[IndexOf(column)]);
    if (!list.has_items()) return;
    list.PadTo(row_);
    list.EndList();
  }
  void EndLists();
  void EndBatch();
  void AppendGiven(const Event& event);
  void AppendMessage(const Message& message);
  void AppendContact(const Contact& contact);
  void AppendOthers(const Event& event);
  void TextIf(Column column, const std::optional<std::string>& text);
  void TimeIf(Column column, const std::optional<Timestamp>& time);
  void Items(Column column, const std::vector<std::string>& texts);

  const ColumnSet wanted_;
  // By the columns' indices; nothing for those that the table does not have.
  std::vector<std::unique_ptr<arrow::ColumnBuilder>> columns_;
  std::int64_t row_ = 0;   // Of the batch.
  std::size_t bytes_ = 0;  // Of texts in the batch.
  arrow::BufferPtr zeros_;
  arrow::Assembler assembler_;
};

}  // namespace tuco::python::table

#endif  // TUCO_PYTHON_CORE_TABLE_BUILDER_H_
