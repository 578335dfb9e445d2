#include "bench/log/sample_records.h"

#include <utility>

#include "bench/fail.h"
#include "server/base/clock.h"
#include "server/receiver/record_maker.h"
#include "tuco/event_parser.h"

namespace tuco::bench {
namespace {

std::string Hex(const Digest& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace

SampleRecords::SampleRecords(const std::string& body_file)
    : bodies_(body_file),
      key_(kSecret),
      verifier_(SignatureVerifier::Create({{"bench", std::string(kSecret)}})
                    .value()) {}

std::shared_ptr<log::Record> SampleRecords::Make(std::uint64_t number) {
  const std::string_view body = bodies_.At(number);
  const Verdict verdict = verifier_.Verify(body, Hex(key_.Sign(body)));
  if (!verdict.genuine()) Fail("a genuine body was refused");
  Event event = ParseEvent(verdict.delivery());
  event.origin = Origin::kLive;
  event.received_at = base::SystemClock().Now();
  return receiver::MakeRecord(std::move(event), verdict.delivery());
}

RecordBatch MakeBatch(SampleRecords& records, std::uint64_t first,
                      std::size_t count) {
  RecordBatch batch;
  batch.records.reserve(count);
  batch.pointers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    batch.records.push_back(records.Make(first + i));
    batch.pointers.push_back(batch.records.back().get());
  }
  return batch;
}

}  // namespace tuco::bench
