// The columns of a result, written a row at a time.

#ifndef TUCO_PYTHON_CORE_METRICS_RESULT_H_
#define TUCO_PYTHON_CORE_METRICS_RESULT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/builders.h"

namespace tuco::python::metrics {

// Every row names the same columns in the same order, whether it has a value
// for them or not; the first one makes them. One thread at a time.
class Result {
 public:
  // `row` writes a row of anything, which does not count: it makes the columns,
  // so that they are there when no other row is.
  template <typename Row>
  explicit Result(const Row& row) {
    row(*this);
    Clear();
  }

  void EndRow() {
    ++rows_;
    next_ = 0;
  }

  void Count(std::string_view name, std::optional<std::int64_t> value) {
    Append<arrow::Int64Builder>(name, arrow::kInt64, value);
  }
  void Text(std::string_view name, std::optional<std::string_view> value) {
    Append<arrow::Utf8Builder>(name, arrow::kUtf8, value);
  }
  void Number(std::string_view name, std::optional<double> value) {
    Append<arrow::DoubleBuilder>(name, arrow::kDouble, value);
  }
  // Microseconds; since 1970 those of a time, which `format` is the type of.
  void Duration(std::string_view name, std::optional<std::int64_t> value) {
    Append<arrow::Int64Builder>(name, "tDu", value);
  }
  void Time(std::string_view name, std::string_view format,
            std::optional<std::int64_t> value) {
    Append<arrow::Int64Builder>(name, format, value);
  }
  // Days since 1970.
  void Date(std::string_view name, std::optional<std::int32_t> value) {
    Append<arrow::FixedBuilder<std::int32_t>>(name, "tdD", value);
  }
  // The columns `name`, and that with _low and with _high: which share `part`
  // is of `whole`, and nothing when there is no whole.
  void Share(std::string_view name, std::int64_t part, std::int64_t whole);
  // And that with _denominator: the name of the column that the whole is in.
  void Rate(std::string_view name, std::int64_t part, std::int64_t whole,
            std::string_view denominator);

  // What was written, behind columns of as many rows. It is empty afterwards.
  std::shared_ptr<const arrow::Table> Finish(
      std::vector<arrow::Field> fields = {},
      std::vector<arrow::ArrayPtr> columns = {});

 private:
  template <typename Builder, typename T>
  void Append(std::string_view name, std::string_view format,
              const std::optional<T>& value) {
    if (next_ == builders_.size()) {
      fields_.push_back(arrow::Column(name, format));
      builders_.push_back(std::make_unique<Builder>());
    }
    auto& builder = static_cast<Builder&>(*builders_[next_++]);
    if (value.has_value()) {
      builder.Append(*value);
    } else {
      builder.AppendNull();
    }
  }
  void Clear();

  std::vector<arrow::Field> fields_;
  std::vector<std::unique_ptr<arrow::ColumnBuilder>> builders_;
  std::size_t next_ = 0;
  std::int64_t rows_ = 0;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_RESULT_H_
