// tuco_events._core: the library as Python sees it. The package around it is
// the interface; nothing else imports this.

#include <pybind11/pybind11.h>

#include "_core/deliveries/delivery_reader_class.h"
#include "_core/enums.h"
#include "_core/event_classes.h"
#include "_core/explain.h"
#include "_core/functions.h"
#include "_core/log/log_module.h"
#include "_core/metrics/bindings.h"
#include "_core/table/event_table_class.h"
#include "_core/verify_many.h"
#include "_core/wire/wire_module.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "What tuco_events is made of; import that instead.";
  module.attr("__version__") = TUCO_VERSION;
  tuco::python::AddEnums(module);
  tuco::python::AddEventClasses(module);
  tuco::python::AddFunctions(module);
  tuco::python::metrics::AddMetrics(module);
  tuco::python::table::AddEventTable(module);
  tuco::python::deliveries::AddDeliveryReader(module);
  tuco::python::AddVerifyMany(module);
  tuco::python::log::AddLog(module);
  tuco::python::wire::AddWire(module);
  tuco::python::AddExplain(module);
}
