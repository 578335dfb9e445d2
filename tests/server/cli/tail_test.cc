#include "server/cli/tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/cli/exit_codes.h"
#include "tests/server/cli/string_output.h"
#include "tests/server/client/fake_event_service.h"

namespace tuco::cli {
namespace {

using client::Batch;
using client::FakeEventService;
using testing::StartsWith;

struct Outcome {
  int exit_code;
  std::string text;
};

Outcome Tail(const TailFlags& flags) {
  StringOutput output;
  Interrupt interrupt;
  const int exit_code = RunTail(flags, output, /*colours=*/false, interrupt);
  return {exit_code, output.text};
}

TEST(Tail, PrintsText) {
  const FakeEventService service({{.responses = {Batch({42}, 42)}}});
  const Outcome run = Tail({.no_follow = true, .grpc = service.address()});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text,
            "-                               42  message.reply    \n");
}

TEST(Tail, PrintsJson) {
  const FakeEventService service({{.responses = {Batch({42, 43}, 43)}}});
  const Outcome run =
      Tail({.no_follow = true, .output = "json", .grpc = service.address()});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_EQ(run.text,
            "{\"sequence\":\"42\",\"eventId\":\"evt_42\",\"typeName\":"
            "\"message.reply\"}\n{\"sequence\":\"43\",\"eventId\":\"evt_43\","
            "\"typeName\":\"message.reply\"}\n");
}

TEST(Tail, PrintsRawAndAsksForTheBody) {
  auto batch = Batch({42}, 42);
  batch.mutable_events(0)->set_body("{}");
  const FakeEventService service({{.responses = {batch}}});
  const Outcome run =
      Tail({.no_follow = true, .output = "raw", .grpc = service.address()});
  EXPECT_EQ(run.exit_code, kExitOk);
  EXPECT_THAT(run.text, StartsWith("{\"name\":\"evt_42\",\"headers\":{"));
  EXPECT_TRUE(service.requests().at(0).include_body());
}

TEST(Tail, SaysWhenItCannotConnect) {
  std::string address;
  {
    const FakeEventService gone({});
    address = gone.address();
  }
  EXPECT_EQ(Tail({.grpc = address}).exit_code, kExitConnect);
}

TEST(Tail, RefusesWrongFlags) {
  EXPECT_EQ(Tail({.from = "0", .grpc = "127.0.0.1:1"}).exit_code, kExitUsage);
  EXPECT_EQ(Tail({.grpc = "nonsense"}).exit_code, kExitUsage);
  EXPECT_EQ(Tail({.grpc = "off"}).exit_code, kExitUsage);
}

}  // namespace
}  // namespace tuco::cli
