// Streams over random events, through random filters and in random portions,
// compared with what a naive reader makes of the same records.

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/log/event_log.h"
#include "tests/server/base/disk_content.h"
#include "tests/server/log/random_records.h"
#include "tests/server/stream/hub_fixture.h"

namespace tuco::stream {
namespace {

// A stream under way, and what it must still show.
struct Reading {
  log::Filter filter;
  std::unique_ptr<Stream> stream;
  std::future<absl::StatusOr<Batch>> next;
  std::uint64_t scanned_through = 0;
};

class RandomStreamsTest : public HubTest {
 protected:
  static constexpr int kReadings = 6;

  void Begin(std::uint64_t seed) {
    chance_ = base::DiskChance(seed);
    hub_.reset();
    log_ = std::make_unique<GappyLog>(log::MakeMemoryLog(clock_));
    records_.clear();
    AppendSome(100);
    // So little that many a stream falls out of it.
    StartHub({.tail_events_max = 32});
  }

  void AppendSome(std::uint64_t most) {
    for (std::uint64_t i = chance_.Below(most); i > 0; --i) {
      log::Record record =
          log::RandomRecord(records_.size() + 1, clock_.Now(), chance_);
      record.event = testing::MakeRecord(1).event;
      records_.push_back(testing::AppendTo(*log_, std::move(record)));
      if (hub_ != nullptr) hub_->Publish({&records_.back(), 1});
    }
  }

  Reading OpenSome() {
    Reading reading;
    reading.filter = log::RandomFilter(chance_);
    reading.scanned_through = chance_.Below(records_.size() + 1);
    StreamOptions options;
    options.position = AfterSequence{reading.scanned_through};
    options.filter = reading.filter;
    options.include_body = chance_.OneIn(2);
    options.batch_events_max = 1 + chance_.Below(40);
    options.batch_bytes_max = 1 + chance_.Below(10'000);
    reading.stream = Open(options);
    reading.next = AskNext(*reading.stream);
    return reading;
  }

  // The sequences in (after, through] that the filter wants.
  Numbers Wanted(const log::Filter& filter, std::uint64_t after,
                 std::uint64_t through) const {
    Numbers wanted;
    for (std::uint64_t at = after + 1; at <= through; ++at) {
      if (log::Wants(filter, *records_[at - 1])) wanted.push_back(at);
    }
    return wanted;
  }

  // Looks at the next response, which must show just what it says it has
  // looked through.
  void Take(Reading& reading) {
    const absl::StatusOr<Batch> batch = Await(std::move(reading.next));
    ASSERT_TRUE(batch.ok()) << batch.status();
    StreamEventsResponse response;
    ASSERT_TRUE(response.ParseFromString(*batch->frame));
    ASSERT_GE(response.scanned_through(), reading.scanned_through);
    ASSERT_LE(response.scanned_through(), records_.size());
    ASSERT_EQ(Sequences(response),
              Wanted(reading.filter, reading.scanned_through,
                     response.scanned_through()));
    reading.scanned_through = response.scanned_through();
    reading.next = AskNext(*reading.stream);
  }

  // Everything that is wanted, up to the end.
  void Finish(Reading& reading) {
    while (!HasFatalFailure() &&
           !Wanted(reading.filter, reading.scanned_through, records_.size())
                .empty()) {
      Take(reading);
    }
  }

  base::DiskChance chance_{1};
  std::vector<log::RecordPtr> records_;
};

TEST_F(RandomStreamsTest, ShowJustWhatTheyWantAndSayHowFarTheyLooked) {
  for (std::uint64_t seed = 1; seed <= 60 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Begin(seed);
    std::vector<Reading> readings;
    readings.reserve(kReadings);
    for (int i = 0; i < kReadings; ++i) readings.push_back(OpenSome());
    for (int step = 0; step < 60 && !HasFatalFailure(); ++step) {
      AppendSome(8);
      Reading& reading = readings[chance_.Below(readings.size())];
      const bool ready = reading.next.wait_for(std::chrono::seconds(0)) ==
                         std::future_status::ready;
      if (ready) Take(reading);
    }
    for (Reading& reading : readings) Finish(reading);
    readings.clear();
  }
}

}  // namespace
}  // namespace tuco::stream
