// Rounds of one of the library's jobs, or of a limit that it is held against.
//
//   library_rounds JOB BODY_FILE
//
// For each line on stdin, a number of events, does the job that often and
// prints the nanoseconds that one event took. So a driver can let several
// programs take turns: bench/run.
//
// The body is Tuco's guide's sample; one of a few copies is taken in turn, so
// that nothing is remembered from the event before.

#include <simdjson.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/fail.h"
#include "tuco/canonical_json.h"
#include "tuco/event_parser.h"
#include "tuco/hmac_sha256.h"
#include "tuco/internal/sha256_lanes.h"
#include "tuco/signature_verifier.h"

namespace tuco {
namespace {

using bench::Fail;
using bench::FailForMissing;

constexpr const char* kSecret = "whsec_sample_5f0c2a7e9d41";
constexpr std::size_t kCopies = 64;

template <class T>
void Keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

struct Input {
  std::vector<std::string> bodies;
  std::string signature;
  SignatureVerifier verifier;
};

// Does its job `events` times.
using Job = void (*)(const Input& input, std::size_t events);

void Verify(const Input& input, std::size_t events) {
  for (std::size_t i = 0; i < events; ++i) {
    const Verdict verdict =
        input.verifier.Verify(input.bodies[i % kCopies], input.signature);
    if (!verdict.genuine()) Fail("a genuine body was refused");
  }
}

void VerifyMany(const Input& input, std::size_t events) {
  std::vector<SignedBody> deliveries;
  for (const std::string& body : input.bodies) {
    deliveries.push_back({body, input.signature});
  }
  for (std::size_t i = 0; i < events; i += kCopies) {
    for (const Verdict& verdict : input.verifier.VerifyMany(deliveries)) {
      if (!verdict.genuine()) Fail("a genuine body was refused");
    }
  }
}

void VerifyAndParse(const Input& input, std::size_t events) {
  for (std::size_t i = 0; i < events; ++i) {
    const Verdict verdict =
        input.verifier.Verify(input.bodies[i % kCopies], input.signature);
    if (!verdict.genuine()) Fail("a genuine body was refused");
    const Event event = ParseEvent(verdict.delivery());
    if (event.type != EventType::kMessageReply) Fail("not the sample");
    Keep(event);
  }
}

void Parse(const Input& input, std::size_t events) {
  for (std::size_t i = 0; i < events; ++i) {
    const Event event = ParseUnverified(input.bodies[i % kCopies]);
    Keep(event);
  }
}

// The body with a line for each member.
std::string Reformatted(std::string_view compact) {
  std::string text;
  for (std::size_t i = 0; i < compact.size(); ++i) {
    text.push_back(compact[i]);
    if (compact.substr(i, 2) == ",\"" || compact[i] == '{') text.append("\n  ");
  }
  return text;
}

void Canonicalise(const Input& input, std::size_t events) {
  std::vector<std::string> bodies(kCopies, Reformatted(input.bodies[0]));
  for (std::size_t i = 0; i < events; ++i) {
    const auto canonical = CanonicalJson(bodies[i % kCopies]);
    if (!canonical.ok()) Fail("the sample has no canonical form");
    Keep(*canonical);
  }
}

// The compressions of SHA-256 that an HMAC of the body cannot do without.
void ShaFloor(const Input& input, std::size_t events) {
  const internal::Sha256Path* path = internal::ShaInstructionsPath();
  if (path == nullptr) FailForMissing("this machine has no SHA instructions");
  constexpr std::size_t kPaddingBytes = 9;
  const std::size_t blocks = (input.bodies[0].size() + kPaddingBytes +
                              internal::kSha256BlockBytes - 1) /
                             internal::kSha256BlockBytes;
  std::string padded = input.bodies[0];
  padded.resize((blocks + 1) * internal::kSha256BlockBytes);
  for (std::size_t i = 0; i < events; ++i) {
    internal::Sha256Lane lane{};
    lane.next = reinterpret_cast<const unsigned char*>(padded.data());
    internal::Sha256Lane* const lanes[] = {&lane};
    path->compress(std::span(lanes), blocks + 1);
    Keep(lane.words);
  }
}

// The sample's fields by simdjson, as views: no event, no copy.
void SimdjsonFloor(const Input& input, std::size_t events) {
  static simdjson::ondemand::parser parser;
  std::vector<simdjson::padded_string> bodies(input.bodies.begin(),
                                              input.bodies.end());
  for (std::size_t i = 0; i < events; ++i) {
    simdjson::ondemand::document document = parser.iterate(bodies[i % kCopies]);
    std::size_t bytes = 0;
    const auto text = [&bytes](auto value) {
      std::string_view view;
      if (value.get(view) == simdjson::SUCCESS) bytes += view.size();
    };
    const auto texts = [&](auto list) {
      for (auto value : list) text(value);
    };
    text(document["event"]);
    text(document["timestamp"]);
    text(document["workspaceId"]);
    simdjson::ondemand::object data = document["data"];
    for (const char* key : {"messageId", "recipientPhone", "message", "status",
                            "lineId", "firstName", "lastName"}) {
      text(data[key]);
    }
    texts(data["attachmentUrls"].get_array());
    texts(data["attachmentNames"].get_array());
    Keep(bytes);
  }
}

const std::map<std::string_view, Job> kJobs = {
    {"verify", Verify},
    {"verify-many", VerifyMany},
    {"verify-and-parse", VerifyAndParse},
    {"parse", Parse},
    {"canonicalise", Canonicalise},
    {"sha-floor", ShaFloor},
    {"simdjson-floor", SimdjsonFloor},
};

Input ReadInput(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string body{std::istreambuf_iterator<char>(file), {}};
  if (body.empty()) Fail(std::string("cannot read ") + path);
  auto verifier = SignatureVerifier::Create({{"sample", kSecret}});
  return {std::vector<std::string>(kCopies, body), Sign(body, kSecret).value(),
          std::move(verifier).value()};
}

int Main(int argc, char** argv) {
  if (argc != 3) Fail("usage: library_rounds JOB BODY_FILE");
  const auto job = kJobs.find(argv[1]);
  if (job == kJobs.end()) Fail(std::string("no job ") + argv[1]);
  const Input input = ReadInput(argv[2]);
  std::size_t events = 0;
  while (std::cin >> events) {
    const auto begin = std::chrono::steady_clock::now();
    job->second(input, events);
    const std::chrono::duration<double, std::nano> taken =
        std::chrono::steady_clock::now() - begin;
    std::cout << taken.count() / static_cast<double>(events) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace tuco

int main(int argc, char** argv) { return tuco::Main(argc, argv); }
