#include "_core/functions.h"

#include <pybind11/native_enum.h>

#include <cstddef>
#include <string>
#include <utility>

#include "_core/arguments.h"
#include "tuco/canonical_json.h"
#include "tuco/event_parser.h"
#include "tuco/signature_verifier.h"

namespace tuco::python {
namespace {

namespace py = pybind11;

// From here on, work takes longer than giving the GIL to others and getting it
// back: about 10 µs of hashing.
constexpr std::size_t kReleaseGilBytes = 16UL * 1024;

template <typename Work>
auto WithoutGil(const Body& body, Work work) {
  if (body.bytes().size() < kReleaseGilBytes) return work();
  const py::gil_scoped_release released;
  return work();
}

VerifyMode Mode(bool raw) { return raw ? VerifyMode::kRaw : VerifyMode::kAuto; }

bool Verify(py::handle body_object, py::handle signature_object,
            py::handle secret, bool raw) {
  const Body body(body_object);
  const std::string signature = ReadSignature(signature_object);
  const SignatureVerifier verifier = ReadVerifier(secret);
  return WithoutGil(body, [&] {
    return verifier.Verify(body.bytes(), signature, Mode(raw)).genuine();
  });
}

std::string SignBody(py::handle body_object, py::handle secret) {
  const Body body(body_object);
  const HmacSha256Key key(ReadSigningSecret(secret));
  return WithoutGil(body, [&] { return ToHex(key.Sign(body.bytes())); });
}

Event Parse(py::handle body_object, py::handle endpoint_object) {
  const Body body(body_object);
  const std::string endpoint = ReadEndpoint(endpoint_object);
  return WithoutGil(body,
                    [&] { return ParseUnverified(body.bytes(), endpoint); });
}

// An Event, or the Reason why there is none.
py::object VerifyAndParse(py::handle body_object, py::handle signature_object,
                          py::handle secret, py::handle endpoint_object,
                          bool raw) {
  const Body body(body_object);
  const std::string signature = ReadSignature(signature_object);
  const SignatureVerifier verifier =
      ReadVerifier(secret, ReadEndpoint(endpoint_object));
  Reason reason = Reason::kUnspecified;
  Event event = WithoutGil(body, [&] {
    const Verdict verdict = verifier.Verify(body.bytes(), signature, Mode(raw));
    reason = verdict.reason();
    return verdict.genuine() ? ParseEvent(verdict.delivery()) : Event();
  });
  if (reason != Reason::kUnspecified) return py::cast(reason);
  return py::cast(std::move(event));
}

// The canonical form, or why there is none.
py::object Canonicalize(py::handle body_object) {
  const Body body(body_object);
  const absl::StatusOr<std::string> canonical =
      WithoutGil(body, [&] { return CanonicalJson(body.bytes()); });
  if (canonical.ok()) return py::bytes(*canonical);
  const absl::string_view message = canonical.status().message();
  return py::str(message.data(), message.size());
}

}  // namespace

void AddFunctions(py::module_& module) {
  using py::arg;
  module.def("verify", &Verify, arg("body"), arg("signature"), arg("secret"),
             arg("raw"));
  module.def("sign", &SignBody, arg("body"), arg("secret"));
  module.def("parse", &Parse, arg("body"), arg("endpoint"));
  module.def("verify_and_parse", &VerifyAndParse, arg("body"), arg("signature"),
             arg("secret"), arg("endpoint"), arg("raw"));
  module.def("canonicalize", &Canonicalize, arg("body"));
}

}  // namespace tuco::python
