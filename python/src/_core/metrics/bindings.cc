#include "_core/metrics/bindings.h"

#include <pybind11/stl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "_core/arrow/capsules.h"
#include "_core/metrics/analysis.h"
#include "_core/metrics/result_values.h"
#include "_core/metrics/traffic.h"

namespace tuco::python::metrics {
namespace {

namespace py = pybind11;

using Optional = std::optional<std::int64_t>;

// A result as Python holds it.
struct ResultTable {
  std::shared_ptr<const arrow::Table> table;
};

// The stream in a capsule of Arrow's PyCapsule interface. The capsule stays the
// owner of the struct, and must stay alive.
ArrowArrayStream* StreamIn(const py::capsule& capsule) {
  auto* const stream = static_cast<ArrowArrayStream*>(
      PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw py::error_already_set();
  if (stream->release == nullptr) {
    throw py::value_error("the Arrow stream was used up before");
  }
  return stream;
}

// The dimensions of these names; ValueError for another name.
std::vector<Dimension> Dimensions(const std::vector<std::string>& names) {
  std::vector<Dimension> dimensions;
  for (const std::string& name : names) {
    const std::optional<Dimension> dimension = DimensionFromName(name);
    if (!dimension.has_value()) throw py::value_error("no dimension " + name);
    dimensions.push_back(*dimension);
  }
  return dimensions;
}

// The bits of these flags; ValueError for another name.
std::uint32_t FlagSet(const std::vector<std::string>& names) {
  std::uint32_t set = 0;
  for (const std::string& name : names) {
    const std::uint32_t bit = FlagBit(name);
    if (bit == 0) throw py::value_error("no flag " + name);
    set |= bit;
  }
  return set;
}

// Does what takes long while others have the GIL. A column of a wrong type is a
// TypeError.
template <typename Work>
auto WithoutGil(const Work& work) {
  try {
    const py::gil_scoped_release released;
    return work();
  } catch (const arrow::WrongType& error) {
    throw py::type_error(error.what());
  }
}

std::unique_ptr<Analysis> Analyse(const py::capsule& capsule,
                                  const std::vector<std::string>& by,
                                  bool include_tests,
                                  const std::vector<std::string>& include_flags,
                                  const std::vector<std::string>& exclude_flags,
                                  std::int64_t window) {
  ArrowArrayStream* const stream = StreamIn(capsule);
  const std::vector<Dimension> dimensions = Dimensions(by);
  const Selection selection{.include_tests = include_tests,
                            .include_flags = FlagSet(include_flags),
                            .exclude_flags = FlagSet(exclude_flags)};
  return WithoutGil([&] {
    return std::make_unique<Analysis>(stream, dimensions, selection, window);
  });
}

std::unique_ptr<Traffic> ReadTraffic(const py::capsule& capsule,
                                     const std::vector<std::string>& by) {
  ArrowArrayStream* const stream = StreamIn(capsule);
  const std::vector<Dimension> dimensions = Dimensions(by);
  return WithoutGil(
      [&] { return std::make_unique<Traffic>(stream, dimensions); });
}

// (first, last), None where there is no time at all.
template <typename Read>
std::optional<std::pair<std::int64_t, std::int64_t>> TimeRange(
    const Read& read) {
  if (read.first_time() == kNever) return std::nullopt;
  return std::pair(read.first_time(), read.last_time());
}

using Transitions = std::vector<std::pair<std::int64_t, std::int64_t>>;

Zone ZoneOf(Transitions transitions, std::string name) {
  return {.local_time = LocalTime(std::move(transitions)),
          .name = std::move(name)};
}

Delivery DeliveryOf(bool confirmed) {
  return confirmed ? Delivery::kConfirmed : Delivery::kAccepted;
}

// The result and the coverage of all that was read.
py::tuple Answered(const Analysis& analysis, const Answer& answer) {
  const Coverage coverage = analysis.coverage();
  py::dict counts;
  counts["events"] = coverage.events;
  counts["tests"] = coverage.tests;
  counts["flagged"] = coverage.flagged;
  counts["other_types"] = coverage.other_types;
  counts["without_message_id"] = coverage.without_message_id;
  counts["copies"] = coverage.copies;
  counts["facts"] = coverage.facts;
  counts["replies"] = coverage.replies;
  counts["replies_unmatched"] = coverage.replies_unmatched;
  counts["opt_outs_unmatched"] = coverage.opt_outs_unmatched;
  counts["messages"] = analysis.messages();
  counts["messages_outside_window"] = analysis.messages() - answer.messages;
  counts["messages_without_contact"] = answer.without_contact;
  return py::make_tuple(ResultTable{answer.table}, counts);
}

py::tuple Metrics(const Analysis& analysis, Optional begin, Optional end,
                  bool confirmed, Transitions transitions, std::string name) {
  const Zone zone = ZoneOf(std::move(transitions), std::move(name));
  return Answered(analysis, WithoutGil([&] {
                    return analysis.Metrics({.begin = begin, .end = end}, zone,
                                            DeliveryOf(confirmed));
                  }));
}

py::tuple Funnel(const Analysis& analysis, Optional begin, Optional end,
                 bool confirmed, Transitions transitions, std::string name) {
  const Zone zone = ZoneOf(std::move(transitions), std::move(name));
  return Answered(analysis, WithoutGil([&] {
                    return analysis.Funnel({.begin = begin, .end = end}, zone,
                                           DeliveryOf(confirmed));
                  }));
}

py::tuple Cohorts(const Analysis& analysis, Optional begin, Optional end,
                  bool weekly, const std::vector<std::int64_t>& days,
                  std::int64_t until, Transitions transitions,
                  std::string name) {
  const Zone zone = ZoneOf(std::move(transitions), std::move(name));
  return Answered(analysis, WithoutGil([&] {
                    return analysis.Cohorts({.begin = begin, .end = end}, zone,
                                            weekly, days, until);
                  }));
}

ResultTable Silences(const Traffic& traffic, Optional begin, Optional end,
                     double false_alarms, std::int64_t at_least, Optional until,
                     Transitions transitions, std::string name) {
  const Zone zone = ZoneOf(std::move(transitions), std::move(name));
  return {WithoutGil([&] {
    return traffic.Silences(
        {.begin = begin, .end = end}, zone,
        {.false_alarms = false_alarms, .at_least = at_least, .until = until});
  })};
}

void AddResultTable(py::module_& module) {
  py::class_<ResultTable>(module, "ResultTable", "Columns of a result.",
                          py::is_final())
      .def("__len__",
           [](const ResultTable& self) { return self.table->rows(); })
      .def("fields",
           [](const ResultTable& self) { return Fields(*self.table); })
      .def(
          "values",
          [](const ResultTable& self, std::size_t column) {
            return Values(*self.table, column);
          },
          py::arg("column"))
      .def("stream",
           [](const ResultTable& self) {
             return arrow::StreamCapsule(self.table);
           })
      .def("schema", [](const ResultTable& self) {
        return arrow::SchemaCapsule(self.table->schema);
      });
}

}  // namespace

void AddMetrics(py::module_& module) {
  using py::arg;
  AddResultTable(module);
  py::class_<Analysis>(module, "Analysis", "What became of each message.",
                       py::is_final())
      .def(py::init(&Analyse), arg("stream"), arg("by"), arg("include_tests"),
           arg("include_flags"), arg("exclude_flags"), arg("window"))
      .def("time_range", &TimeRange<Analysis>)
      .def("metrics", &Metrics, arg("begin"), arg("end"), arg("confirmed"),
           arg("transitions"), arg("tz"))
      .def("funnel", &Funnel, arg("begin"), arg("end"), arg("confirmed"),
           arg("transitions"), arg("tz"))
      .def("cohorts", &Cohorts, arg("begin"), arg("end"), arg("weekly"),
           arg("days"), arg("until"), arg("transitions"), arg("tz"));
  py::class_<Traffic>(module, "Traffic", "When events came.", py::is_final())
      .def(py::init(&ReadTraffic), arg("stream"), arg("by"))
      .def("time_range", &TimeRange<Traffic>)
      .def("silences", &Silences, arg("begin"), arg("end"), arg("false_alarms"),
           arg("at_least"), arg("until"), arg("transitions"), arg("tz"));
}

}  // namespace tuco::python::metrics
