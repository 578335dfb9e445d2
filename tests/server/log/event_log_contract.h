// What every backend of the event log must do. A backend's test includes this
// file once and instantiates the suite with itself.

#ifndef TUCO_TESTS_SERVER_LOG_EVENT_LOG_CONTRACT_H_
#define TUCO_TESTS_SERVER_LOG_EVENT_LOG_CONTRACT_H_

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/sample_records.h"

namespace tuco::log {

struct Backend {
  std::string name;
  std::function<std::unique_ptr<EventLog>(const std::string& directory,
                                          const base::Clock& clock)>
      open;
  bool durable = false;  // Whether it can be opened again.

  friend void PrintTo(const Backend& backend, std::ostream* out) {
    *out << backend.name;
  }
};

class EventLogContract : public ::testing::TestWithParam<Backend> {
 protected:
  EventLogContract() : log_(GetParam().open(directory_ / "log", clock_)) {}

  void AppendOk(std::uint64_t first, std::size_t count) {
    const auto records = AppendSamples(*log_, first, count);
    ASSERT_TRUE(records.ok()) << records.status();
  }

  base::TemporaryDirectory directory_;
  base::FakeClock clock_;
  std::unique_ptr<EventLog> log_;
};

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(EventLogContract, StartsEmpty) {
  const Bounds bounds = log_->bounds();
  EXPECT_EQ(bounds.first, 1u);
  EXPECT_EQ(bounds.head, 0u);
  EXPECT_EQ(bounds.epoch, 1u);
  const ReadResult read = ReadAll(*log_);
  EXPECT_EQ(read.scanned_through.value(), 0u);
  EXPECT_THAT(read.records, IsEmpty());
  EXPECT_EQ(log_->FirstRecordedAt(clock_.Now()).value(), 1u);
  EXPECT_TRUE(log_->Probe().ok());
}

TEST_P(EventLogContract, GivesConsecutiveSequencesAcrossBatches) {
  std::vector<std::uint64_t> given;
  for (const std::size_t count : {3, 1, 2}) {
    const auto records = AppendSamples(*log_, given.size(), count);
    ASSERT_TRUE(records.ok());
    for (const Record& record : *records) {
      given.push_back(record.sequence);
      EXPECT_EQ(record.epoch, 1u);
      EXPECT_EQ(record.recorded_at, clock_.Now());
    }
    log_->AfterAppend();
  }
  EXPECT_THAT(given, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(log_->bounds().first, 1u);
  EXPECT_EQ(log_->bounds().head, 6u);
}

TEST_P(EventLogContract, EmptyBatchChangesNothing) {
  EXPECT_TRUE(log_->Append({}).ok());
  EXPECT_EQ(log_->bounds().head, 0u);
}

TEST_P(EventLogContract, ReadsBackWhatWasAppended) {
  const auto appended = AppendSamples(*log_, 1, 3);
  ASSERT_TRUE(appended.ok());
  const ReadResult read = ReadAll(*log_);
  EXPECT_EQ(read.scanned_through.value(), 3u);
  ASSERT_THAT(read.records, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.records[i], AsRead((*appended)[i])) << i;
  }
}

TEST_P(EventLogContract, KeepsWhatIsAbsentApartFromWhatIsEmpty) {
  std::vector<Record> records(2);
  records[0].duplicate_key = SampleKey(0);
  records[1] = SampleRecord(1);
  records[1].workspace_id = records[1].line_id = records[1].phone = "";
  records[1].occurred_at = Timestamp();
  ASSERT_TRUE(Append(*log_, records).ok());
  const ReadResult read = ReadAll(*log_);
  ASSERT_THAT(read.records, SizeIs(2));
  EXPECT_EQ(read.records[0], AsRead(records[0]));
  EXPECT_EQ(read.records[1], AsRead(records[1]));
}

TEST_P(EventLogContract, KeepsEveryByte) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<char>(byte));
  }
  std::vector<Record> records = {SampleRecord(1)};
  records[0].endpoint = records[0].type_name = bytes;
  records[0].message_id = records[0].event = records[0].body = bytes;
  records[0].flags = Flags::FromBits(0xffffffff);
  records[0].occurred_at = Timestamp(std::chrono::microseconds(-1));
  ASSERT_TRUE(Append(*log_, records).ok());
  const ReadResult read = ReadAll(*log_);
  ASSERT_THAT(read.records, SizeIs(1));
  EXPECT_EQ(read.records[0], AsRead(records[0]));
}

TEST_P(EventLogContract, KeepsABodyOfManyPages) {
  std::vector<Record> records = {SampleRecord(1), SampleRecord(2)};
  records[0].body.assign(256 << 10, 'x');
  records[0].event.assign(100'000, 'y');
  ASSERT_TRUE(Append(*log_, records).ok());
  const ReadResult read = ReadAll(*log_);
  ASSERT_THAT(read.records, SizeIs(2));
  EXPECT_EQ(read.records[0], AsRead(records[0]));
  EXPECT_EQ(read.records[1], AsRead(records[1]));
}

TEST_P(EventLogContract, LeavesBodiesOutUnlessWanted) {
  AppendOk(1, 1);
  const ReadResult read = ReadOnce(*log_, {});
  ASSERT_THAT(read.records, SizeIs(1));
  EXPECT_EQ(read.records[0].body, "");
  EXPECT_EQ(read.records[0].event, "event 1");
}

TEST_P(EventLogContract, ReadsBehindAPosition) {
  AppendOk(1, 5);
  const ReadResult read = ReadOnce(*log_, {.after = 3});
  EXPECT_EQ(read.scanned_through.value(), 5u);
  EXPECT_THAT(read.sequences(), ElementsAre(4, 5));
  for (const std::uint64_t after : {std::uint64_t{5}, UINT64_MAX}) {
    const ReadResult end = ReadOnce(*log_, {.after = after});
    EXPECT_EQ(end.scanned_through.value(), after);
    EXPECT_THAT(end.records, IsEmpty());
  }
}

TEST_P(EventLogContract, StopsAtTheLimitOfEvents) {
  AppendOk(1, 5);
  const ReadResult read = ReadOnce(*log_, {.events_max = 2});
  EXPECT_EQ(read.scanned_through.value(), 2u);
  EXPECT_THAT(read.sequences(), ElementsAre(1, 2));
}

TEST_P(EventLogContract, StopsBeforeTheLimitOfBytesIsPassed) {
  std::vector<Record> records = {SampleRecord(1), SampleRecord(2),
                                 SampleRecord(3)};
  for (Record& record : records) record.event.assign(100, 'x');
  for (Record& record : records) record.body.assign(100, 'y');
  ASSERT_TRUE(Append(*log_, records).ok());
  EXPECT_THAT(ReadOnce(*log_, {.bytes_max = 299}).sequences(),
              ElementsAre(1, 2));
  EXPECT_THAT(ReadOnce(*log_, {.bytes_max = 300}).sequences(),
              ElementsAre(1, 2, 3));
  EXPECT_THAT(ReadOnce(*log_, {.bytes_max = 400, .bodies = true}).sequences(),
              ElementsAre(1, 2));
}

TEST_P(EventLogContract, YieldsOneRecordHoweverLargeItIs) {
  AppendOk(1, 2);
  const ReadResult read = ReadOnce(*log_, {.events_max = 0, .bytes_max = 0});
  EXPECT_THAT(read.sequences(), ElementsAre(1));
  EXPECT_EQ(read.scanned_through.value(), 1u);
}

TEST_P(EventLogContract, TellsHowFarItLookedWhenNothingMatched) {
  AppendOk(1, 10);
  Filter filter;
  filter.message_id = "message 9";
  const ReadResult near = ReadOnce(*log_, {.scan_max = 4}, filter);
  EXPECT_THAT(near.records, IsEmpty());
  EXPECT_EQ(near.scanned_through.value(), 4u);
  const ReadResult far = ReadOnce(*log_, {.after = 4}, filter);
  EXPECT_THAT(far.sequences(), ElementsAre(9));
  EXPECT_EQ(far.scanned_through.value(), 10u);
}

TEST_P(EventLogContract, NeverLosesAMatchBetweenTwoReads) {
  AppendOk(1, 50);
  Filter filter;
  filter.type_names = {"message.reply"};
  std::vector<std::uint64_t> seen;
  ReadRequest request{.bytes_max = 20, .scan_max = 7};
  while (true) {
    const ReadResult read = ReadOnce(*log_, request, filter);
    for (const std::uint64_t at : read.sequences()) seen.push_back(at);
    if (read.scanned_through.value() == request.after) break;
    request.after = read.scanned_through.value();
  }
  ASSERT_THAT(seen, SizeIs(25));
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], 2 * i + 1);
}

TEST_P(EventLogContract, RecordedAtNeverDecreases) {
  AppendOk(1, 1);
  clock_.Advance(seconds(10));
  AppendOk(2, 1);
  clock_.Advance(seconds(-3600));
  AppendOk(3, 1);
  clock_.Set(base::FakeClock::kStart + seconds(11));
  AppendOk(4, 1);
  std::vector<Timestamp> times;
  for (const Record& record : ReadAll(*log_).records) {
    times.push_back(record.recorded_at);
  }
  const Timestamp start = base::FakeClock::kStart;
  EXPECT_THAT(times, ElementsAre(start, start + seconds(10),
                                 start + seconds(10), start + seconds(11)));
}

TEST_P(EventLogContract, FindsTheFirstRecordOfATime) {
  const Timestamp start = base::FakeClock::kStart;
  for (std::uint64_t batch = 0; batch < 5; ++batch) {
    clock_.Set(start + seconds(10 * batch));
    AppendOk(10 * batch, 3);
  }
  EXPECT_EQ(log_->FirstRecordedAt(start - seconds(1)).value(), 1u);
  for (std::uint64_t batch = 0; batch < 5; ++batch) {
    const Timestamp at = start + seconds(10 * batch);
    EXPECT_EQ(log_->FirstRecordedAt(at).value(), 3 * batch + 1);
    EXPECT_EQ(log_->FirstRecordedAt(at + seconds(1)).value(), 3 * batch + 4);
  }
}

TEST_P(EventLogContract, VisitsEveryDuplicateKey) {
  AppendOk(1, 3);
  AppendOk(4, 2);
  std::map<std::uint64_t, Digest> keys;
  ASSERT_TRUE(log_->VisitDuplicateKeys(
                      [&keys](const Digest& key, std::uint64_t sequence) {
                        keys[sequence] = key;
                      })
                  .ok());
  ASSERT_THAT(keys, SizeIs(5));
  for (const auto& [sequence, key] : keys) {
    EXPECT_EQ(key, SampleKey(sequence));
  }
}

TEST_P(EventLogContract, ReadersSeeOnlyWholeBatchesInOrder) {
  constexpr std::uint64_t kBatch = 20;
  constexpr std::uint64_t kBatches = 50;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([this, &wrong] {
      for (std::uint64_t after = 0; after < kBatch * kBatches;) {
        const std::uint64_t head = log_->bounds().head;
        const ReadResult read = ReadOnce(*log_, {.after = after});
        std::uint64_t expected = after;
        for (const Record& record : read.records) {
          if (record.sequence != ++expected) ++wrong;
          if (record.event != "event " + std::to_string(expected)) ++wrong;
        }
        if (head % kBatch != 0 || (after < head && expected == after)) ++wrong;
        after = expected;
      }
    });
  }
  for (std::uint64_t batch = 0; batch < kBatches; ++batch) {
    AppendOk(batch * kBatch + 1, kBatch);
    log_->AfterAppend();
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_EVENT_LOG_CONTRACT_H_
