#include "_core/explain.h"

#include <pybind11/native_enum.h>

#include <cstddef>
#include <string>
#include <vector>

#include "_core/arguments.h"
#include "tuco/signature_doctor.h"
#include "tuco/wiped_secrets.h"

namespace tuco::python {
namespace {

namespace py = pybind11;

// A list of tuples, of which the package makes its findings.
py::list ExplainMismatch(py::handle body_object, py::handle signature_object,
                         py::handle secrets_object) {
  const Body body(body_object);
  const std::string signature = ReadSignature(signature_object);
  const WipedSecrets secrets = ReadNamedSecrets(secrets_object);
  std::vector<Finding> findings;
  {
    const py::gil_scoped_release released;
    findings = Explain(body.bytes(), signature, secrets.all());
  }
  py::list result;
  for (const Finding& finding : findings) {
    result.append(py::make_tuple(finding.kind, finding.certainty,
                                 finding.secret_name, finding.text));
  }
  return result;
}

}  // namespace

void AddExplain(py::module_& module) {
  using py::arg;
  module.def("explain", &ExplainMismatch, arg("body"), arg("signature"),
             arg("secrets"));
}

}  // namespace tuco::python
