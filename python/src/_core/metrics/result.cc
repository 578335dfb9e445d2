#include "_core/metrics/result.h"

#include <string>
#include <utility>

#include "_core/metrics/statistics.h"

namespace tuco::python::metrics {

void Result::Share(std::string_view name, std::int64_t part,
                   std::int64_t whole) {
  const std::string text(name);
  if (whole == 0) {
    for (const char* const end : {"", "_low", "_high"}) {
      Number(text + end, std::nullopt);
    }
    return;
  }
  const metrics::Share share = ShareOf(part, whole);
  Number(text, share.value);
  Number(text + "_low", share.low);
  Number(text + "_high", share.high);
}

void Result::Rate(std::string_view name, std::int64_t part, std::int64_t whole,
                  std::string_view denominator) {
  Share(name, part, whole);
  Text(std::string(name) + "_denominator", denominator);
}

void Result::Clear() {
  for (const auto& builder : builders_) {
    builder->Finish(builder->length());
  }
  next_ = 0;
  rows_ = 0;
}

std::shared_ptr<const arrow::Table> Result::Finish(
    std::vector<arrow::Field> fields, std::vector<arrow::ArrayPtr> columns) {
  arrow::RecordBatch batch;
  batch.rows = rows_;
  batch.columns = std::move(columns);
  for (const auto& builder : builders_) {
    batch.columns.push_back(builder->Finish(rows_));
  }
  fields.insert(fields.end(), fields_.begin(), fields_.end());
  Clear();
  auto table = std::make_shared<arrow::Table>();
  table->schema = std::move(fields);
  table->batches.push_back(std::move(batch));
  return table;
}

}  // namespace tuco::python::metrics
