#include "server/rpc/stream_reactor.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "server/base/net_address.h"
#include "server/rpc/grpc_server.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace pb = events::v1;

// More than goes out while nobody reads.
constexpr std::size_t kTooLarge = std::size_t{1} << 20;

// What happens between a reactor and its stream, whose other end the test is.
class Script {
 public:
  void Next(stream::Stream::Done done) {
    std::unique_lock lock(mutex_);
    EXPECT_FALSE(done_) << "one call at a time";
    ++asked_;
    changed_.notify_all();
    if (!cancelled_) {
      done_ = std::move(done);
      return;
    }
    lock.unlock();
    done(absl::CancelledError("cancelled"));
  }
  void Cancel() {
    stream::Stream::Done done;
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
      done = std::exchange(done_, nullptr);
    }
    if (done) done(absl::CancelledError("cancelled"));
  }
  void Destroy() {
    const std::lock_guard lock(mutex_);
    destroyed_ = true;
    changed_.notify_all();
  }

  // Whether the reactor asks so many times in all, or does so soon.
  bool IsAsked(int times, milliseconds within = seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return asked_ >= times; });
  }
  bool IsDestroyed() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(20), [&] { return destroyed_; });
  }
  void Answer(absl::StatusOr<stream::Batch> batch) {
    stream::Stream::Done done;
    {
      const std::lock_guard lock(mutex_);
      done = std::exchange(done_, nullptr);
    }
    ASSERT_TRUE(done);
    done(std::move(batch));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  stream::Stream::Done done_;
  int asked_ = 0;
  bool cancelled_ = false;
  bool destroyed_ = false;
};

class ScriptedStream final : public stream::Stream {
 public:
  explicit ScriptedStream(Script& script) : script_(script) {}
  ~ScriptedStream() override { script_.Destroy(); }
  void Next(Done done) override { script_.Next(std::move(done)); }
  void Cancel() override { script_.Cancel(); }

 private:
  Script& script_;
};

using StreamServiceBase = pb::EventService::WithRawCallbackMethod_StreamEvents<
    pb::EventService::Service>;

// Has nothing but StreamEvents, and one stream.
class StreamServer final : private StreamServiceBase {
 public:
  explicit StreamServer(Script& script)
      : script_(script),
        server_(GrpcServer::Listen(base::ParseNetAddress("127.0.0.1:0").value(),
                                   *this)
                    .value()) {}
  ~StreamServer() override { server_->Stop(milliseconds(100)); }

  std::string address() const { return server_->address().ToString(); }

 private:
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamEvents(
      grpc::CallbackServerContext* /*context*/,
      const grpc::ByteBuffer* /*request*/) override {
    return StartStream(
        AdmittedStream{std::make_unique<ScriptedStream>(script_), Caller()});
  }

  Script& script_;
  std::unique_ptr<GrpcServer> server_;
};

class StreamReactorTest : public ::testing::Test {
 public:
  ~StreamReactorTest() override { context_.TryCancel(); }

 protected:
  StreamReactorTest()
      : server_(script_),
        stub_(pb::EventService::NewStub(Connect(server_.address()))),
        reader_(stub_->StreamEvents(&context_, {})) {}

  // So that little is on its way to a client that does not read.
  static std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1024);
    return grpc::CreateCustomChannel(
        "ipv4:" + address, grpc::InsecureChannelCredentials(), arguments);
  }

  // One that has `sequence` for its only event.
  static stream::Batch MakeBatch(std::uint64_t sequence, bool behind,
                                 std::size_t bytes = 1) {
    pb::StreamEventsResponse response;
    pb::Event& event = *response.add_events();
    event.set_sequence(sequence);
    event.set_body(std::string(bytes, 'x'));
    return {.frame = std::make_shared<const std::string>(
                response.SerializeAsString()),
            .behind = behind};
  }

  // The sequence of the next event; 0 at the end.
  std::uint64_t Read() {
    pb::StreamEventsResponse response;
    return reader_->Read(&response) ? response.events(0).sequence() : 0;
  }

  Script script_;
  StreamServer server_;
  std::unique_ptr<pb::EventService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<pb::StreamEventsResponse>> reader_;
};

TEST_F(StreamReactorTest, AsksForTheNextBatchWhileItIsBehind) {
  ASSERT_TRUE(script_.IsAsked(1));
  script_.Answer(MakeBatch(1, /*behind=*/true, kTooLarge));
  ASSERT_TRUE(script_.IsAsked(2)) << "before the first one was read";
  script_.Answer(MakeBatch(2, /*behind=*/true));
  EXPECT_FALSE(script_.IsAsked(3, milliseconds(50))) << "two batches wait";
  EXPECT_EQ(Read(), 1);
  EXPECT_EQ(Read(), 2);
  ASSERT_TRUE(script_.IsAsked(3));
  script_.Answer(absl::UnavailableError("over"));
  EXPECT_EQ(Read(), 0);
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(script_.IsDestroyed());
}

TEST_F(StreamReactorTest, WaitsUntilALiveBatchIsTaken) {
  ASSERT_TRUE(script_.IsAsked(1));
  script_.Answer(MakeBatch(1, /*behind=*/false, kTooLarge));
  EXPECT_FALSE(script_.IsAsked(2, milliseconds(50)));
  EXPECT_EQ(Read(), 1);
  ASSERT_TRUE(script_.IsAsked(2));
  stream::Batch last = MakeBatch(2, /*behind=*/false);
  last.end = true;
  script_.Answer(std::move(last));
  EXPECT_EQ(Read(), 2);
  EXPECT_EQ(Read(), 0);
  EXPECT_TRUE(reader_->Finish().ok());
  EXPECT_TRUE(script_.IsDestroyed());
}

TEST_F(StreamReactorTest, AnErrorWaitsForTheBatchBeforeIt) {
  ASSERT_TRUE(script_.IsAsked(1));
  script_.Answer(MakeBatch(1, /*behind=*/true, kTooLarge));
  ASSERT_TRUE(script_.IsAsked(2));
  script_.Answer(absl::DataLossError("record 2 is damaged"));
  EXPECT_EQ(Read(), 1);
  EXPECT_EQ(Read(), 0);
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_TRUE(script_.IsDestroyed());
}

TEST_F(StreamReactorTest, AClientMayGoWhileTheNextBatchIsAskedFor) {
  ASSERT_TRUE(script_.IsAsked(1));
  script_.Answer(MakeBatch(1, /*behind=*/true, kTooLarge));
  ASSERT_TRUE(script_.IsAsked(2));
  context_.TryCancel();
  EXPECT_TRUE(script_.IsDestroyed());
}

TEST_F(StreamReactorTest, AClientMayGoWhileTwoBatchesWait) {
  ASSERT_TRUE(script_.IsAsked(1));
  script_.Answer(MakeBatch(1, /*behind=*/true, kTooLarge));
  ASSERT_TRUE(script_.IsAsked(2));
  script_.Answer(MakeBatch(2, /*behind=*/true, kTooLarge));
  context_.TryCancel();
  EXPECT_TRUE(script_.IsDestroyed());
}

}  // namespace
}  // namespace tuco::rpc
