#include "_core/log/log_module.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "_core/log/decode.h"
#include "_core/log/log_reader.h"
#include "_core/table/event_table_class.h"
#include "tuco/strings.h"

namespace tuco::python::log {
namespace {

namespace py = pybind11;

// What a scan found, to be decoded on any thread.
struct Rows {
  Scanned scanned;
  table::ColumnSet columns;
  bool stop_at_damage;
};

// A reader that any number of threads may ask, one after the other.
class SharedReader {
 public:
  SharedReader(std::unique_ptr<LogReader> reader,
               const table::ColumnSet& columns, bool stop_at_damage)
      : reader_(std::move(reader)),
        columns_(columns),
        stop_at_damage_(stop_at_damage),
        next_(reader_->next()),
        through_(reader_->through()) {}

  // Nothing when all was read.
  absl::StatusOr<std::unique_ptr<Rows>> Scan() {
    const std::lock_guard lock(mutex_);
    if (reader_ == nullptr || reader_->done()) return std::unique_ptr<Rows>();
    absl::StatusOr<Scanned> scanned = reader_->Scan();
    if (!scanned.ok()) return scanned.status();
    return std::make_unique<Rows>(
        Rows{*std::move(scanned), columns_, stop_at_damage_});
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    reader_.reset();
  }
  std::uint64_t next() const { return next_; }
  std::uint64_t through() const { return through_; }

 private:
  std::mutex mutex_;
  std::unique_ptr<LogReader> reader_;
  const table::ColumnSet columns_;
  const bool stop_at_damage_;
  const std::uint64_t next_;
  const std::uint64_t through_;
};

// What the exception is to be made of: its kind and its text.
py::tuple Failure(const absl::Status& status) {
  const char* kind = "other";
  if (absl::IsDataLoss(status)) kind = "damaged";
  if (absl::IsUnimplemented(status)) kind = "version";
  if (absl::IsUnavailable(status)) kind = "busy";
  if (absl::IsPermissionDenied(status)) kind = "permission";
  return py::make_tuple(kind, py::str(std::string(FromAbsl(status.message()))));
}

py::list ToPython(const std::vector<Damage>& damages) {
  py::list list;
  for (const Damage& damage : damages) {
    list.append(py::make_tuple(damage.first, damage.last, damage.what));
  }
  return list;
}

// The value of `options` under `key`, which is there.
template <typename T>
void Read(const py::dict& options, const char* key, T& value) {
  value = options[key].cast<T>();
}

void Read(const py::dict& options, const char* key,
          std::vector<std::string>& texts) {
  for (const py::handle text : options[key]) {
    texts.push_back(text.cast<std::string>());
  }
}

void Read(const py::dict& options, const char* key, Flags& flags) {
  for (const py::handle flag : options[key]) flags.Add(flag.cast<Flag>());
}

void Read(const py::dict& options, const char* key, TimeRange& range) {
  const auto pair = options[key].cast<py::tuple>();
  range.from = pair[0].cast<std::int64_t>();
  range.to = pair[1].cast<std::int64_t>();
}

Filter ReadFilter(const py::dict& options) {
  Filter filter;
  for (const py::handle type : options["types"]) {
    filter.types.push_back(type.cast<EventType>());
  }
  Read(options, "type_names", filter.type_names);
  Read(options, "workspaces", filter.workspaces);
  Read(options, "lines", filter.lines);
  Read(options, "campaigns", filter.campaigns);
  Read(options, "endpoints", filter.endpoints);
  Read(options, "message_id", filter.message_ids);
  Read(options, "lead_id", filter.lead_ids);
  Read(options, "phone", filter.phones);
  Read(options, "flags", filter.flags);
  Read(options, "without_flags", filter.without_flags);
  Read(options, "recorded_at", filter.recorded_at);
  Read(options, "occurred_at", filter.occurred_at);
  filter.test = static_cast<Filter::Test>(options["test"].cast<int>());
  return filter;
}

ReadOptions ReadReadOptions(const py::dict& options,
                            const table::ColumnSet& columns) {
  ReadOptions read;
  read.filter = ReadFilter(options);
  Read(options, "after_sequence", read.after);
  Read(options, "through_sequence", read.through);
  read.bodies = columns[table::IndexOf(table::Column::kBody)] ||
                columns[table::IndexOf(table::Column::kSignature)];
  Read(options, "stop_at_damage", read.stop_at_damage);
  Read(options, "rows", read.rows_at_a_time);
  return read;
}

py::object OpenLog(const py::bytes& path, const py::bytes& mark_path,
                   const py::dict& options) {
  const table::ColumnSet columns =
      table::ReadColumns(options["columns"], /*include_body=*/false);
  ReadOptions read = ReadReadOptions(options, columns);
  const bool stop_at_damage = read.stop_at_damage;
  const std::string file(path);
  const std::string mark(mark_path);
  absl::StatusOr<std::unique_ptr<LogReader>> reader;
  {
    const py::gil_scoped_release released;
    reader = LogReader::Open(file, mark, std::move(read));
  }
  if (!reader.ok()) return Failure(reader.status());
  return py::cast(std::make_unique<SharedReader>(*std::move(reader), columns,
                                                 stop_at_damage));
}

py::object Scan(SharedReader& reader) {
  absl::StatusOr<std::unique_ptr<Rows>> rows;
  {
    const py::gil_scoped_release released;
    rows = reader.Scan();
  }
  if (!rows.ok()) return Failure(rows.status());
  if (*rows == nullptr) return py::none();
  return py::cast(*std::move(rows));
}

void Close(SharedReader& reader) {
  const py::gil_scoped_release released;
  reader.Close();
}

// The rows as a table, and what is damaged. With stop_at_damage a scan ends
// before it comes to damage, so that what Decode finds is before that.
py::tuple DecodeRows(const Rows& rows) {
  Decoded decoded;
  {
    const py::gil_scoped_release released;
    decoded = Decode(rows.scanned.events, rows.columns, rows.stop_at_damage);
  }
  std::vector<Damage>& damages = decoded.damages;
  damages.insert(damages.end(), rows.scanned.damages.begin(),
                 rows.scanned.damages.end());
  return py::make_tuple(table::EventTable{std::move(decoded.table)},
                        ToPython(damages));
}

}  // namespace

void AddLog(py::module_& module) {
  using py::arg;
  py::class_<SharedReader>(module, "LogReader", py::is_final())
      .def_property_readonly("next_sequence", &SharedReader::next)
      .def_property_readonly("through_sequence", &SharedReader::through)
      .def("scan", &Scan)
      .def("close", &Close);
  py::class_<Rows>(module, "LogRows", py::is_final())
      .def_property_readonly(
          "scanned_through",
          [](const Rows& rows) { return rows.scanned.through; })
      .def("decode", &DecodeRows);
  module.def("open_log", &OpenLog, arg("path"), arg("mark_path"),
             arg("options"));
}

}  // namespace tuco::python::log
