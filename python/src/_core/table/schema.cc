#include "_core/table/schema.h"

#include <string>

namespace tuco::python::table {
namespace {

arrow::Field ParentsField(const ColumnSpec& spec) {
  return arrow::ListColumn(
      spec.name,
      arrow::StructColumn("", {arrow::Column("message_id", arrow::kUtf8),
                               arrow::Column("text", arrow::kUtf8),
                               arrow::Column("sent_at", arrow::kTimestamp),
                               arrow::Column("batch_id", arrow::kUtf8),
                               arrow::Column("step_index", arrow::kInt64)}),
      spec.nullable);
}

arrow::Field RecentRepliesField(const ColumnSpec& spec) {
  return arrow::ListColumn(
      spec.name,
      arrow::StructColumn("",
                          {arrow::Column("message_id", arrow::kUtf8),
                           arrow::Column("text", arrow::kUtf8),
                           arrow::Column("received_at", arrow::kTimestamp)}),
      spec.nullable);
}

arrow::Field FieldOf(const ColumnSpec& spec) {
  const auto plain = [&spec](std::string_view format) {
    return arrow::Column(spec.name, format, spec.nullable);
  };
  switch (spec.kind) {
    case ColumnKind::kUint64:
      return plain(arrow::kUint64);
    case ColumnKind::kInt64:
      return plain(arrow::kInt64);
    case ColumnKind::kTime:
      return plain(arrow::kTimestamp);
    case ColumnKind::kBool:
      return plain(arrow::kBool);
    case ColumnKind::kText:
      return plain(arrow::kUtf8);
    case ColumnKind::kBytes:
      return plain(arrow::kBinary);
    case ColumnKind::kRepeatingText:
    case ColumnKind::kEnum:
      return arrow::DictionaryColumn(spec.name, spec.nullable);
    case ColumnKind::kTexts:
      return arrow::ListColumn(spec.name, arrow::Column("", arrow::kUtf8),
                               spec.nullable);
    case ColumnKind::kParents:
      return ParentsField(spec);
    case ColumnKind::kRecentReplies:
      break;
  }
  return RecentRepliesField(spec);
}

}  // namespace

ColumnSet AllColumns(bool include_body) {
  ColumnSet columns;
  columns.set();
  if (!include_body) {
    columns.reset(IndexOf(Column::kBody));
    columns.reset(IndexOf(Column::kSignature));
  }
  return columns;
}

std::vector<arrow::Field> Schema(const ColumnSet& columns) {
  std::vector<arrow::Field> fields;
  fields.reserve(columns.count());
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (columns[i]) fields.push_back(FieldOf(kColumns[i]));
  }
  return fields;
}

}  // namespace tuco::python::table
