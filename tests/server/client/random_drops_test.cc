// A server whose streams end at random places: nothing comes twice, nothing is
// missed.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "server/client/subscriber.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::client {
namespace {

namespace pb = events::v1;

constexpr int kDrops = 1'000;
constexpr std::uint64_t kHead = 20'000;

// Whether the stream's filter wants the event.
bool Matches(std::uint64_t sequence) { return sequence % 3 != 0; }

// Streams the events behind the position in portions of any size, and ends
// kDrops streams early, in any way that a reader goes on behind.
class DroppingService final : public pb::EventService::Service {
 public:
  explicit DroppingService(std::uint32_t seed) : random_(seed) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int drops() const { return drops_; }

  grpc::Status StreamEvents(
      grpc::ServerContext* context, const pb::StreamEventsRequest* request,
      grpc::ServerWriter<pb::StreamEventsResponse>* writer) override {
    std::uint64_t position = request->after_sequence();
    int portions = drops_ < kDrops ? Random(0, 4) : static_cast<int>(kHead);
    while (position < kHead && portions-- > 0) {
      pb::StreamEventsResponse response;
      position = Fill(position, response);
      if (!writer->Write(response)) break;
    }
    if (position < kHead) ++drops_;
    return position < kHead && !context->IsCancelled() ? AnyEnd()
                                                       : grpc::Status::OK;
  }

 private:
  int Random(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }

  // The events of a portion behind `position`; where the next one begins.
  std::uint64_t Fill(std::uint64_t position,
                     pb::StreamEventsResponse& response) {
    const std::uint64_t end =
        std::min(kHead, position + static_cast<std::uint64_t>(Random(0, 8)));
    while (position < end) {
      if (Matches(++position)) response.add_events()->set_sequence(position);
    }
    response.set_scanned_through(position);
    return position;
  }

  grpc::Status AnyEnd() {
    constexpr std::array<grpc::StatusCode, 4> kCodes = {
        grpc::StatusCode::OK, grpc::StatusCode::UNAVAILABLE,
        grpc::StatusCode::INTERNAL, grpc::StatusCode::CANCELLED};
    return {kCodes.at(Random(0, 3)), "dropped"};
  }

  // Used by one stream at a time: the client has only one.
  std::mt19937 random_;
  int drops_ = 0;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(RandomDrops, NothingComesTwiceAndNothingIsMissed) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const DroppingService service(seed);
  SubscriberOptions options;
  options.address = service.address();
  options.position = AfterSequence{0};
  options.pause_min = options.pause_max = std::chrono::milliseconds(1);
  const auto subscriber = Subscriber::Create(options).value();
  std::vector<std::uint64_t> seen;
  int reconnects = 0;
  const absl::Status ended = subscriber->Run(
      [&](const Event& event) {
        seen.push_back(event.sequence);
        return event.sequence == kHead ? Next::kStop : Next::kGoOn;
      },
      [&](const Notice& notice) {
        reconnects += std::holds_alternative<Reconnecting>(notice) ? 1 : 0;
      });
  EXPECT_TRUE(ended.ok()) << ended;
  std::vector<std::uint64_t> wanted;
  for (std::uint64_t sequence = 1; sequence <= kHead; ++sequence) {
    if (Matches(sequence)) wanted.push_back(sequence);
  }
  EXPECT_EQ(seen, wanted);
  EXPECT_EQ(reconnects, kDrops);
  EXPECT_EQ(service.drops(), kDrops);
}

}  // namespace
}  // namespace tuco::client
