// _core.DeliveryReader, which read_deliveries and iter_deliveries are made of.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_DELIVERY_READER_CLASS_H_
#define TUCO_PYTHON_CORE_DELIVERIES_DELIVERY_READER_CLASS_H_

#include <pybind11/pybind11.h>

namespace tuco::python::deliveries {

void AddDeliveryReader(pybind11::module_& module);

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_DELIVERY_READER_CLASS_H_
