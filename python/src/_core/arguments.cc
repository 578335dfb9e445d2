#include "_core/arguments.h"

#include <utility>
#include <vector>

#include "tuco/hmac_sha256.h"
#include "tuco/signature_doctor.h"

namespace tuco::python {
namespace {

namespace py = pybind11;

[[noreturn]] void ThrowWrongType(const char* expected, py::handle found) {
  throw py::type_error(std::string("expected ") + expected + ", found " +
                       Py_TYPE(found.ptr())->tp_name);
}

std::string_view View(py::handle bytes) {
  return {PyBytes_AS_STRING(bytes.ptr()),
          static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

// A buffer of the C API, released when it goes.
class Buffer {
 public:
  explicit Buffer(py::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_SIMPLE) == 0) return;
    if (!PyErr_ExceptionMatches(PyExc_BufferError)) {
      throw py::error_already_set();
    }
    PyErr_Clear();
    ThrowWrongType("a contiguous body", object);
  }
  ~Buffer() { PyBuffer_Release(&buffer_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::string_view bytes() const {
    return {static_cast<const char*>(buffer_.buf),
            static_cast<std::size_t>(buffer_.len)};
  }

 private:
  Py_buffer buffer_;
};

// The UTF-8 of a str. Lone surrogates have none; `errors` says what then.
py::object Encode(py::handle text, const char* errors) {
  PyObject* bytes = PyUnicode_AsEncodedString(text.ptr(), "utf-8", errors);
  if (bytes == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(bytes);
}

// Python's own error would carry the whole text.
std::string EncodeStrictly(py::handle text, const char* what) {
  try {
    return std::string(View(Encode(text, "strict")));
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_UnicodeEncodeError)) throw;
  }
  throw py::value_error(std::string(what) + " has a lone surrogate");
}

bool IsSecret(py::handle object) {
  return PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr());
}

std::string ReadSecret(py::handle object) {
  constexpr const char* kExpected = "a secret (str or bytes)";
  if (!IsSecret(object)) ThrowWrongType(kExpected, object);
  std::string text = PyBytes_Check(object.ptr())
                         ? std::string(View(object))
                         : EncodeStrictly(object, "the secret");
  if (text.empty()) throw py::value_error("the secret is empty");
  return text;
}

void CheckCount(std::size_t count, std::size_t most) {
  if (count != 0 && count <= most) return;
  throw py::value_error("expected 1 to " + std::to_string(most) +
                        " secrets, found " + std::to_string(count));
}

std::vector<std::string> ReadSecrets(py::handle object, std::size_t most) {
  if (IsSecret(object)) return {ReadSecret(object)};
  if (PySequence_Check(object.ptr()) == 0 ||
      PyObject_CheckBuffer(object.ptr()) != 0) {
    ThrowWrongType("a secret (str, bytes or a sequence of them)", object);
  }
  const auto sequence = py::reinterpret_borrow<py::sequence>(object);
  const std::size_t count = sequence.size();
  CheckCount(count, most);
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i < count; ++i) {
    secrets.push_back(ReadSecret(py::object(sequence[i])));
  }
  return secrets;
}

// Of a sequence the first is main, then come secret2, secret3, …
std::string NameOf(std::size_t index) {
  return index == 0 ? "main" : "secret" + std::to_string(index + 1);
}

bool IsMapping(py::handle object) {
  return py::isinstance(object,
                        py::module_::import("collections.abc").attr("Mapping"));
}

WipedSecrets ReadMapping(py::handle object) {
  const py::list names(py::reinterpret_borrow<py::object>(object));
  CheckCount(names.size(), kDoctorSecretsMax);
  WipedSecrets secrets;
  for (const py::handle name : names) {
    if (!PyUnicode_Check(name.ptr())) {
      ThrowWrongType("the name of a secret (str)", name);
    }
    std::string text = ReadSecret(py::object(object[name]));
    secrets.Add(EncodeStrictly(name, "the name of a secret"), text);
    SecureWipe(text.data(), text.size());
  }
  return secrets;
}

}  // namespace

Body::Body(py::handle object) {
  if (PyBytes_Check(object.ptr())) {
    bytes_ = py::reinterpret_borrow<py::object>(object);
    return;
  }
  if (PyObject_CheckBuffer(object.ptr()) == 0) {
    ThrowWrongType("a bytes-like body", object);
  }
  copy_ = Buffer(object).bytes();
}

std::string_view Body::Referred() const { return View(bytes_); }

std::string ReadSignature(py::handle object) {
  if (!PyUnicode_Check(object.ptr())) {
    ThrowWrongType("a signature (str)", object);
  }
  // Bytes that no signature has, but a caller's exception neither.
  return std::string(View(Encode(object, "surrogatepass")));
}

std::string ReadEndpoint(py::handle object) {
  if (!PyUnicode_Check(object.ptr())) {
    ThrowWrongType("an endpoint (str)", object);
  }
  std::string name = EncodeStrictly(object, "the endpoint");
  if (name.empty()) throw py::value_error("the endpoint is empty");
  if (name.find('\0') != std::string::npos) {
    throw py::value_error("the endpoint has a NUL character");
  }
  return name;
}

SignatureVerifier ReadVerifier(py::handle object, std::string_view endpoint) {
  std::vector<Secret> secrets;
  for (std::string& text : ReadSecrets(object, kActiveSecretsMax)) {
    secrets.push_back({NameOf(secrets.size()), std::move(text)});
  }
  absl::StatusOr<SignatureVerifier> verifier =
      SignatureVerifier::Create(secrets, endpoint);
  if (!verifier.ok()) {
    throw py::value_error(std::string(verifier.status().message()));
  }
  return *std::move(verifier);
}

WipedSecrets ReadNamedSecrets(py::handle object) {
  if (IsMapping(object)) return ReadMapping(object);
  WipedSecrets secrets;
  for (std::string& text : ReadSecrets(object, kDoctorSecretsMax)) {
    secrets.Add(NameOf(secrets.all().size()), text);
    SecureWipe(text.data(), text.size());
  }
  return secrets;
}

std::string ReadSigningSecret(py::handle object) {
  return std::move(ReadSecrets(object, kActiveSecretsMax).front());
}

}  // namespace tuco::python
