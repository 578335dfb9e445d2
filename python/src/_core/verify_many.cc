#include "_core/verify_many.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "_core/arguments.h"
#include "tuco/signature_verifier.h"

namespace tuco::python {
namespace {

namespace py = pybind11;

// What one more thread must have to do to be worth starting (some 20 µs).
constexpr std::size_t kThreadBytesMin = 256UL * 1024;
// What a delivery costs beside its bytes, in bytes.
constexpr std::size_t kDeliveryBytes = 512;
constexpr std::size_t kThreadsMax = 64;
// Deliveries that a thread takes at a time.
constexpr std::size_t kPortion = 64;

struct Delivery {
  Body body;
  std::string signature;
  bool genuine = false;
};

std::vector<Delivery> ReadDeliveries(const py::tuple& bodies,
                                     const py::tuple& signatures) {
  if (bodies.size() != signatures.size()) {
    throw py::value_error("expected as many signatures as bodies, found " +
                          std::to_string(signatures.size()) + " for " +
                          std::to_string(bodies.size()));
  }
  std::vector<Delivery> deliveries;
  deliveries.reserve(bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    deliveries.push_back({Body(py::object(bodies[i])),
                          ReadSignature(py::object(signatures[i]))});
  }
  return deliveries;
}

// The processors that this process may use, which in a container are fewer
// than the machine has.
std::size_t Processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<std::size_t>(CPU_COUNT(&set));
}

// At most `wanted`, or one a processor where that is 0.
std::size_t ThreadCount(const std::vector<Delivery>& deliveries,
                        std::size_t wanted) {
  std::size_t work = 0;
  for (const Delivery& delivery : deliveries) {
    work += delivery.body.bytes().size() + kDeliveryBytes;
  }
  const std::size_t limit =
      std::min(wanted == 0 ? Processors() : wanted, kThreadsMax);
  return std::clamp<std::size_t>(work / kThreadBytesMin, 1, limit);
}

// Takes portions until none is left; any number of threads may.
class Work {
 public:
  Work(const SignatureVerifier& verifier, VerifyMode mode,
       std::vector<Delivery>& deliveries)
      : verifier_(verifier), mode_(mode), deliveries_(deliveries) {}

  void Run() {
    while (true) {
      const std::size_t first = next_.fetch_add(kPortion);
      if (first >= deliveries_.size()) return;
      const std::size_t end = std::min(first + kPortion, deliveries_.size());
      Verify(std::span(deliveries_).subspan(first, end - first));
    }
  }

 private:
  void Verify(std::span<Delivery> portion) {
    std::vector<SignedBody> bodies;
    bodies.reserve(portion.size());
    for (const Delivery& delivery : portion) {
      bodies.push_back({delivery.body.bytes(), delivery.signature});
    }
    const std::vector<Verdict> verdicts = verifier_.VerifyMany(bodies, mode_);
    for (std::size_t i = 0; i < portion.size(); ++i) {
      portion[i].genuine = verdicts[i].genuine();
    }
  }

  const SignatureVerifier& verifier_;
  const VerifyMode mode_;
  std::vector<Delivery>& deliveries_;
  std::atomic<std::size_t> next_ = 0;
};

// A thread that the system refuses is done without.
void RunOnThreads(Work& work, std::size_t count) {
  std::vector<std::jthread> threads;
  threads.reserve(count);
  try {
    while (threads.size() + 1 < count) {
      threads.emplace_back([&work] { work.Run(); });
    }
  } catch (const std::system_error&) {
  }
  work.Run();
}

py::list VerifyMany(const py::object& bodies, const py::object& signatures,
                    py::handle secret, std::size_t threads, bool raw) {
  const SignatureVerifier verifier = ReadVerifier(secret);
  std::vector<Delivery> deliveries =
      ReadDeliveries(py::tuple(bodies), py::tuple(signatures));
  {
    const py::gil_scoped_release released;
    Work work(verifier, raw ? VerifyMode::kRaw : VerifyMode::kAuto, deliveries);
    RunOnThreads(work, ThreadCount(deliveries, threads));
  }
  py::list verdicts(deliveries.size());
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    verdicts[i] = py::bool_(deliveries[i].genuine);
  }
  return verdicts;
}

}  // namespace

void AddVerifyMany(py::module_& module) {
  using py::arg;
  module.def("verify_many", &VerifyMany, arg("bodies"), arg("signatures"),
             arg("secret"), arg("threads"), arg("raw"));
}

}  // namespace tuco::python
