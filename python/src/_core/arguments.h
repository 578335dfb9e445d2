// What callers pass in, checked. No message of an exception holds a body, a
// signature or a secret; that is why functions take plain objects here, since
// pybind11's own complaints about a wrong type print every argument.
//
// Everything here needs the GIL.

#ifndef TUCO_PYTHON_CORE_ARGUMENTS_H_
#define TUCO_PYTHON_CORE_ARGUMENTS_H_

#include <pybind11/pybind11.h>

#include <string>
#include <string_view>

#include "tuco/signature_verifier.h"
#include "tuco/wiped_secrets.h"

namespace tuco::python {

// A body: a reference to a `bytes` object, or a copy of anything else that is
// bytes-like, so that nobody can change it between verifying and parsing.
class Body {
 public:
  // TypeError unless `object` is bytes-like and contiguous.
  explicit Body(pybind11::handle object);

  // Valid as long as this object stays where it is, with or without the GIL.
  std::string_view bytes() const { return bytes_ ? Referred() : copy_; }

 private:
  std::string_view Referred() const;

  pybind11::object bytes_;  // A `bytes`, or null where there is a copy.
  std::string copy_;
};

// The bytes of a signature's text, whatever they are; TypeError unless
// `object` is a str.
std::string ReadSignature(pybind11::handle object);

// The name of an endpoint: TypeError unless it is a str, ValueError when it is
// empty, has a NUL (which ends it in an event's id) or no UTF-8.
std::string ReadEndpoint(pybind11::handle object);

// A verifier of deliveries to `endpoint` for `object`: str, bytes or a sequence
// of 1 to 5 of them, named main, secret2, … secret5. TypeError for another
// type, ValueError for an empty secret or a wrong number of them.
SignatureVerifier ReadVerifier(pybind11::handle object,
                               std::string_view endpoint = kDefaultEndpoint);

// The secrets of `object` to explain a signature with: as for ReadVerifier, or
// a mapping from names to them, but 1 to kDoctorSecretsMax.
WipedSecrets ReadNamedSecrets(pybind11::handle object);

// The one secret to sign with: of a sequence, the first.
std::string ReadSigningSecret(pybind11::handle object);

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_ARGUMENTS_H_
