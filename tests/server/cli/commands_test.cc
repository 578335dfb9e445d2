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
  for (const char* name :
       {"send", "tail", "verify", "quarantine", "stats", "secret", "version"}) {
    EXPECT_THAT(app.get_subcommand(name)->help(),
                HasSubstr(std::string("tuco-events ") + name))
        << name;
  }
  EXPECT_THAT(app.get_subcommand("secret")->get_subcommand("new")->help(),
              HasSubstr("tuco-events secret new"));
  const CLI::App& quarantine = *app.get_subcommand("quarantine");
  for (const char* name : {"list", "show", "release", "hold", "purge"}) {
    EXPECT_THAT(quarantine.get_subcommand(name)->help(),
                HasSubstr(std::string("tuco-events quarantine ") + name));
  }
}

TEST(Commands, LeaveTheirExitCode) {
  EXPECT_EQ(RunCommand("tail --from 0"), kExitUsage);
  EXPECT_EQ(RunCommand("send --url ftp://localhost"), kExitUsage);
  EXPECT_EQ(RunCommand("send --shape S3 --event message.sent"), kExitUsage);
  EXPECT_EQ(RunCommand("verify"), kExitUsage);
  EXPECT_EQ(RunCommand("quarantine purge"), kExitUsage);
  EXPECT_EQ(RunCommand("quarantine list --state held --reason replay_bounds "
                       "--grpc off"),
            kExitUsage);
}

TEST(Commands, RefuseWhatTheyDoNotKnow) {
  for (const char* line : {"tail --subscription x --from 1",
                           "verify --secret x",
                           "tail --output yaml",
                           "tail --limit 0",
                           "tail --test no",
                           "send --count 0",
                           "send --rate 0",
                           "verify --signature a --input b",
                           "secret",
                           "send --secret x",
                           "quarantine",
                           "quarantine list --state x",
                           "quarantine list --limit 0",
                           "quarantine list --reason x",
                           "quarantine show",
                           "quarantine show q_1 q_2",
                           "quarantine show 7",
                           "quarantine release",
                           "quarantine release q_1 q_",
                           "quarantine hold",
                           "quarantine purge q_1 --all",
                           "quarantine purge q_1 --yes",
                           "quarantine purge q_1 --source x"}) {
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
