#include "server/cli/stats.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "server/cli/exit_codes.h"
#include "tests/server/cli/string_output.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using testing::StartsWith;

// An EventService that has a status, on a port of its own.
class FakeStatusService final : public pb::EventService::Service {
 public:
  explicit FakeStatusService(grpc::Status status = grpc::Status::OK)
      : status_(std::move(status)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeStatusService() override {
    server_->Shutdown(std::chrono::system_clock::now());
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status GetStatus(grpc::ServerContext* /*context*/,
                         const pb::GetStatusRequest* /*request*/,
                         pb::GetStatusResponse* response) override {
    response->mutable_status()->set_version("1.2.3");
    response->mutable_status()->set_open_streams(7);
    return status_;
  }

 private:
  const grpc::Status status_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Outcome {
  int exit_code;
  std::string text;
};

Outcome Stats(const StatsFlags& flags) {
  StringOutput output;
  Interrupt interrupt;
  const int exit_code = RunStats(flags, output, interrupt);
  return {exit_code, output.text};
}

TEST(Stats, PrintsText) {
  const FakeStatusService service;
  const Outcome run = Stats({.grpc = service.address()});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_THAT(run.text, StartsWith("version      1.2.3\n"));
}

TEST(Stats, PrintsJson) {
  const FakeStatusService service;
  const Outcome run = Stats({.output = "json", .grpc = service.address()});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text, "{\"version\":\"1.2.3\",\"openStreams\":\"7\"}\n");
}

TEST(Stats, SaysWhenThereIsNoServer) {
  std::string address;
  {
    const FakeStatusService gone;
    address = gone.address();
  }
  EXPECT_EQ(Stats({.grpc = address}).exit_code, kExitConnect);
}

TEST(Stats, SaysWhenTheServerIsTooOldOrStops) {
  for (const auto code :
       {grpc::StatusCode::UNIMPLEMENTED, grpc::StatusCode::UNAVAILABLE}) {
    const FakeStatusService service({code, "no"});
    const Outcome run = Stats({.grpc = service.address()});
    EXPECT_EQ(run.exit_code, kExitConnect);
    EXPECT_EQ(run.text, "");
  }
}

TEST(Stats, FailsWhenNobodyCouldWrite) {
  const FakeStatusService service;
  StringOutput output;
  output.result = WriteResult::kFailed;
  Interrupt interrupt;
  EXPECT_EQ(RunStats({.grpc = service.address()}, output, interrupt),
            kExitStorage);
}

}  // namespace
}  // namespace tuco::cli
