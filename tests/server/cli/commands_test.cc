#include "server/cli/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "server/cli/version.h"

namespace tuco::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Parses a command line that the commands themselves refuse or carry out
// without touching anything.
int RunCommand(const std::string& line) {
  CLI::App app("test", "test");
  int exit_code = -1;
  AddCommands(app, exit_code);
  app.parse(line, /*program_name_included=*/false);
  return exit_code;
}

TEST(Commands, ShowAnExampleInEveryHelp) {
  CLI::App app;
  int exit_code = 0;
  AddCommands(app, exit_code);
  for (const char* name : {"send", "tail", "verify", "secret", "version"}) {
    EXPECT_THAT(app.get_subcommand(name)->help(),
                HasSubstr(std::string("tuco-events ") + name))
        << name;
  }
  EXPECT_THAT(app.get_subcommand("secret")->get_subcommand("new")->help(),
              HasSubstr("tuco-events secret new"));
}

TEST(Commands, LeaveTheirExitCode) {
  EXPECT_EQ(RunCommand("tail --from 0"), kExitUsage);
  EXPECT_EQ(RunCommand("send --url https://localhost"), kExitUsage);
  EXPECT_EQ(RunCommand("send --shape S3 --event message.sent"), kExitUsage);
  EXPECT_EQ(RunCommand("verify"), kExitUsage);
}

TEST(Commands, RefuseWhatTheyDoNotKnow) {
  for (const char* line :
       {"tail --subscription x", "verify --secret x", "tail --output yaml",
        "tail --limit 0", "tail --test no", "send --count 0", "send --rate 0",
        "verify --signature a --input b", "secret", "send --secret x"}) {
    EXPECT_THROW(RunCommand(line), CLI::ParseError) << line;
  }
}

TEST(Version, SaysWhatTheProgramIsMadeOf) {
  EXPECT_THAT(VersionText(), StartsWith("tuco-events 0."));
  EXPECT_THAT(VersionText(), HasSubstr("\ngRPC        1."));
  EXPECT_THAT(VersionJson(),
              StartsWith("{\"version\":\"" + std::string(Version()) +
                         "\",\"compiler\":\""));
  EXPECT_THAT(VersionJson(), HasSubstr("\"protobuf\":\"3."));
}

}  // namespace
}  // namespace tuco::cli
