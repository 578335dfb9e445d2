#include "server/cli/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "server/cli/command_line.h"
#include "server/cli/exit_codes.h"
#include "server/cli/version.h"

namespace tuco::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Parses a command line that the commands themselves refuse or carry out
// without touching anything.
absl::StatusOr<int> RunCommand(const std::string& line) {
  CommandLine command_line("test", "test");
  AddCommands(command_line.program());
  std::ostringstream help;
  return command_line.Run(absl::StrSplit(line, ' '), help);
}

std::string HelpOf(const std::string& command) {
  CommandLine command_line("test", "test");
  AddCommands(command_line.program());
  std::vector<std::string> words = absl::StrSplit(command, ' ');
  words.emplace_back("--help");
  std::ostringstream help;
  EXPECT_EQ(command_line.Run(words, help).value(), kExitOk) << command;
  return help.str();
}

TEST(Commands, ShowAnExampleInEveryHelp) {
  for (const char* command :
       {"send", "tail", "verify", "quarantine", "quarantine list",
        "quarantine show", "quarantine release", "quarantine hold",
        "quarantine purge", "stats", "secret", "secret new", "version"}) {
    EXPECT_THAT(HelpOf(command),
                HasSubstr(std::string("\n  tuco-events ") + command))
        << command;
  }
}

TEST(Commands, LeaveTheirExitCode) {
  EXPECT_EQ(RunCommand("tail --from 0").value(), kExitUsage);
  EXPECT_EQ(RunCommand("send --url ftp://localhost").value(), kExitUsage);
  EXPECT_EQ(RunCommand("send --shape S3 --event message.sent").value(),
            kExitUsage);
  EXPECT_EQ(RunCommand("verify").value(), kExitUsage);
  EXPECT_EQ(RunCommand("quarantine purge").value(), kExitUsage);
  EXPECT_EQ(RunCommand("quarantine list --state held --reason replay_bounds "
                       "--grpc off")
                .value(),
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
    EXPECT_TRUE(absl::IsInvalidArgument(RunCommand(line).status())) << line;
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
