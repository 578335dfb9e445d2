// Reads a server's events from the first one on, as fast as they come.
//
//   stream_rounds JOB ADDRESS BODY_FILE
//
// JOB is `raw`, which only counts what comes, so that it costs the server's
// processors next to nothing, or `client`, which makes typed events of it as
// tuco::client does. For each number on stdin it reads so many events, from the
// beginning again as often as it takes, and prints the nanoseconds of one.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/fail.h"
#include "server/client/channel.h"
#include "server/client/subscriber.h"
#include "tuco/events/v1/event_service.pb.h"
#include "tuco/strings.h"

namespace tuco::bench {
namespace {

namespace pb = events::v1;

// Counts the events of serialized responses, whose fields are all numbers and
// messages, without looking into them.
class EventCounter {
 public:
  void Feed(std::string_view bytes) {
    while (!bytes.empty()) {
      if (skip_ > 0) {
        const std::size_t skipped = std::min<std::size_t>(skip_, bytes.size());
        bytes.remove_prefix(skipped);
        skip_ -= skipped;
        continue;
      }
      const auto byte = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      number_ |= std::uint64_t{byte & 0x7fU} << shift_;
      shift_ += 7;
      if ((byte & 0x80) == 0) TakeNumber();
    }
  }

  std::uint64_t events() const { return events_; }

 private:
  void TakeNumber() {
    const std::uint64_t number = std::exchange(number_, 0);
    shift_ = 0;
    if (tag_ == 0) {
      tag_ = number;
      return;
    }
    const bool is_message = (tag_ & 7) == 2;
    if (is_message) skip_ = number;
    if (is_message && tag_ >> 3 == 1) ++events_;
    tag_ = 0;
  }

  std::uint64_t tag_ = 0;  // Of the field whose number or length comes next.
  std::uint64_t number_ = 0;
  int shift_ = 0;
  std::uint64_t skip_ = 0;
  std::uint64_t events_ = 0;
};

// One call whose responses stay bytes.
class RawCall {
 public:
  explicit RawCall(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(channel),
        call_(stub_.PrepareCall(
            &context_, "/tuco.events.v1.EventService/StreamEvents", &queue_)) {
    pb::StreamEventsRequest request;
    request.set_anchor(pb::ANCHOR_EARLIEST);
    request.set_stop_at_end(true);
    const grpc::Slice slice(request.SerializeAsString());
    call_->StartCall(nullptr);
    Await();
    call_->WriteLast({&slice, 1}, grpc::WriteOptions(), nullptr);
    Await();
  }
  ~RawCall() {
    context_.TryCancel();
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Await();
    queue_.Shutdown();
    Await();
  }
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;

  bool Read(grpc::ByteBuffer& response) {
    call_->Read(&response, nullptr);
    return Await();
  }

 private:
  bool Await() {
    void* tag = nullptr;
    bool succeeded = false;
    return queue_.Next(&tag, &succeeded) && succeeded;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  const std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

// Up to `count` events, or all there are; how many.
std::uint64_t ReadRaw(const std::shared_ptr<grpc::Channel>& channel,
                      std::uint64_t count) {
  RawCall call(channel);
  EventCounter counter;
  grpc::ByteBuffer response;
  std::vector<grpc::Slice> slices;
  while (counter.events() < count && call.Read(response)) {
    if (!response.Dump(&slices).ok()) Fail("cannot read a response");
    for (const grpc::Slice& slice : slices) {
      counter.Feed(
          {reinterpret_cast<const char*>(slice.begin()), slice.size()});
    }
  }
  return counter.events();
}

std::uint64_t ReadTyped(const std::string& address, std::uint64_t count) {
  client::SubscriberOptions options;
  options.address = address;
  options.position = client::Earliest{};
  options.stop_at_end = true;
  const auto subscriber = client::Subscriber::Create(options).value();
  std::uint64_t read = 0;
  const absl::Status ended = subscriber->Run([&](const Event& event) {
    if (event.event_id.empty()) Fail("an event without an id");
    return ++read == count ? client::Next::kStop : client::Next::kGoOn;
  });
  if (!ended.ok()) Fail(FromAbsl(ended.message()));
  return read;
}

int Main(int argc, char** argv) {
  if (argc != 4) Fail("usage: stream_rounds JOB ADDRESS BODY_FILE");
  const std::string job = argv[1];
  const std::string address = argv[2];
  const auto channel = client::OpenChannel(address).value();
  const std::function<std::uint64_t(std::uint64_t)> read =
      [&](std::uint64_t count) {
        return job == "raw" ? ReadRaw(channel, count)
                            : ReadTyped(address, count);
      };
  std::uint64_t events = 0;
  while (std::cin >> events) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t done = 0; done < events;) {
      const std::uint64_t some = read(events - done);
      if (some == 0) Fail("the server has no events");
      done += some;
    }
    const std::chrono::duration<double, std::nano> taken =
        std::chrono::steady_clock::now() - begin;
    std::cout << taken.count() / static_cast<double>(events) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace tuco::bench

int main(int argc, char** argv) { return tuco::bench::Main(argc, argv); }
