// A hub over a log in memory, and streams that are read step by step.

#ifndef TUCO_TESTS_SERVER_STREAM_HUB_FIXTURE_H_
#define TUCO_TESTS_SERVER_STREAM_HUB_FIXTURE_H_

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/log/event_log.h"
#include "server/stream/hub.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/log/forwarding_log.h"
#include "tests/server/stream/records.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::stream {

using events::v1::StreamEventsResponse;
using Numbers = std::vector<std::uint64_t>;

// Long enough for a machine under load; reached only by a failing test.
inline constexpr std::chrono::seconds kDeadline{20};

inline std::future<absl::StatusOr<Batch>> AskNext(Stream& stream) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<Batch>>>();
  stream.Next([promise](absl::StatusOr<Batch> batch) {
    promise->set_value(std::move(batch));
  });
  return promise->get_future();
}

inline absl::StatusOr<Batch> Await(std::future<absl::StatusOr<Batch>> batch) {
  if (batch.wait_for(kDeadline) != std::future_status::ready) {
    return absl::DeadlineExceededError("no batch");
  }
  return batch.get();
}

inline StreamEventsResponse Next(Stream& stream) {
  const absl::StatusOr<Batch> batch = Await(AskNext(stream));
  EXPECT_TRUE(batch.ok()) << batch.status();
  StreamEventsResponse response;
  if (batch.ok()) {
    EXPECT_TRUE(response.ParseFromString(*batch->frame));
  }
  return response;
}

inline Numbers Sequences(const StreamEventsResponse& response) {
  Numbers sequences;
  for (const auto& event : response.events()) {
    sequences.push_back(event.sequence());
  }
  return sequences;
}

// A log that says that it lost something.
class GappyLog final : public log::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  const std::vector<log::Gap>& gaps() const override { return lost; }

  std::vector<log::Gap> lost;
};

class HubTest : public ::testing::Test {
 protected:
  HubTest() : log_(std::make_unique<GappyLog>(log::MakeMemoryLog(clock_))) {}

  void StartHub(Hub::Options options = {}) {
    hub_ = Hub::Start(*log_, clock_, options);
  }

  // Appends without telling the hub, as if it was there before the start.
  void Append(int count, const std::string& type_name = "message.sent") {
    for (int i = 0; i < count; ++i) {
      testing::AppendTo(*log_, testing::MakeRecord(next_++, type_name));
    }
  }

  void AppendAndPublish(int count,
                        const std::string& type_name = "message.sent") {
    for (int i = 0; i < count; ++i) {
      const log::RecordPtr record =
          testing::AppendTo(*log_, testing::MakeRecord(next_++, type_name));
      hub_->Publish({&record, 1});
    }
  }

  std::unique_ptr<Stream> Open(const StreamOptions& options) {
    absl::StatusOr<std::unique_ptr<Stream>> stream = hub_->Open(options);
    EXPECT_TRUE(stream.ok()) << stream.status();
    return *std::move(stream);
  }

  base::FakeClock clock_;
  std::unique_ptr<GappyLog> log_;
  std::unique_ptr<Hub> hub_;
  std::uint64_t next_ = 1;
};

}  // namespace tuco::stream

#endif  // TUCO_TESTS_SERVER_STREAM_HUB_FIXTURE_H_
