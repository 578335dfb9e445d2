#include "server/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A program with the command `go`, which ends with 7.
class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    go_.SetFooter("The last line of help.");
    go_.SetAction([this] {
      ++runs_;
      return 7;
    });
  }

  absl::StatusOr<int> Run(const std::vector<std::string>& arguments) {
    return command_line_.Run(arguments, help_);
  }

  // What is wrong with `arguments`; empty: nothing.
  std::string Complaint(const std::vector<std::string>& arguments) {
    const absl::Status status = Run(arguments).status();
    EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
    return std::string(FromAbsl(status.message()));
  }

  CommandLine command_line_{"program", "What it does"};
  const Command go_ = command_line_.program().AddCommand("go", "Goes");
  std::ostringstream help_;
  int runs_ = 0;
};

TEST_F(CommandLineTest, ReturnsWhatTheCommandReturns) {
  EXPECT_EQ(Run({"go"}).value(), 7);
  EXPECT_EQ(runs_, 1);
  EXPECT_THAT(help_.str(), IsEmpty());
}

TEST_F(CommandLineTest, RunsNothingWhenSomethingIsWrong) {
  EXPECT_THAT(Complaint({"go", "--fast"}), HasSubstr("--fast"));
  EXPECT_EQ(runs_, 0);
}

TEST_F(CommandLineTest, WantsACommandWhereThatIsRequired) {
  command_line_.program().RequireCommand();
  EXPECT_THAT(Complaint({}), HasSubstr("subcommand is required"));
}

TEST_F(CommandLineTest, WritesHelpInsteadOfRunning) {
  std::string file = "a.txt";
  std::string level = "low";
  go_.AddOption("--file", file, "What to read").ValueName("FILE").ShowDefault();
  go_.AddOption("--level", level, "How much").HelpText("LEVEL");
  EXPECT_EQ(Run({"go", "--help"}).value(), kExitOk);
  EXPECT_EQ(runs_, 0);
  EXPECT_THAT(help_.str(), HasSubstr("--file FILE=a.txt"));
  EXPECT_THAT(help_.str(), HasSubstr("--level LEVEL "));
  EXPECT_THAT(help_.str(), HasSubstr("\nThe last line of help.\n"));
}

TEST_F(CommandLineTest, LeavesWhatWasGiven) {
  std::string text;
  std::uint32_t small = 0;
  std::uint64_t large = 0;
  double real = 0;
  bool flag = false;
  go_.AddOption("TEXT", text, "");
  go_.AddOption("--small", small, "");
  go_.AddOption("--large", large, "");
  go_.AddOption("--real", real, "");
  go_.AddFlag("--flag", flag, "");
  ASSERT_EQ(Complaint({"go", "words", "--small", "3", "--large",
                       "18446744073709551615", "--real", "0.5", "--flag"}),
            "");
  EXPECT_EQ(text, "words");
  EXPECT_EQ(small, 3);
  EXPECT_EQ(large, UINT64_MAX);
  EXPECT_EQ(real, 0.5);
  EXPECT_TRUE(flag);
}

TEST_F(CommandLineTest, TellsWhatIsMissingFromWhatIsEmpty) {
  std::optional<std::string> given;
  std::optional<std::string> missing;
  std::optional<std::int64_t> seconds;
  std::optional<std::uint32_t> count;
  go_.AddOption("--given", given, "");
  go_.AddOption("--missing", missing, "");
  go_.AddOption("--seconds", seconds, "");
  go_.AddOption("--count", count, "");
  ASSERT_EQ(Complaint({"go", "--given", "", "--seconds", "-1"}), "");
  EXPECT_EQ(given, "");
  EXPECT_EQ(missing, std::nullopt);
  EXPECT_EQ(seconds, -1);
  EXPECT_EQ(count, std::nullopt);
}

TEST_F(CommandLineTest, TakesListsInBothWays) {
  std::vector<std::string> names;
  std::vector<std::uint64_t> numbers;
  go_.AddOption("--name", names, "").OneValueEach();
  go_.AddOption("NUMBER", numbers, "");
  ASSERT_EQ(Complaint({"go", "--name", "a", "1", "--name", "b", "2"}), "");
  EXPECT_THAT(names, ElementsAre("a", "b"));
  EXPECT_THAT(numbers, ElementsAre(1, 2));
}

TEST_F(CommandLineTest, RefusesValuesThatAreNotAllowed) {
  std::string format;
  std::uint64_t count = 0;
  double rate = 0;
  std::string even;
  go_.AddOption("--format", format, "").OneOf({"text", "json"});
  go_.AddOption("--count", count, "").InRange(1, std::uint64_t{9});
  go_.AddOption("--rate", rate, "").InRange(0.5, 9.5);
  go_.AddOption("--even", even, "").CheckedBy([](const std::string& value) {
    return value == "2" ? "" : "expected 2, found " + value;
  });
  EXPECT_EQ(Complaint({"go", "--format", "json", "--count", "9", "--rate",
                       "9.5", "--even", "2"}),
            "");
  EXPECT_THAT(Complaint({"go", "--format", "JSON"}), HasSubstr("{text,json}"));
  EXPECT_THAT(Complaint({"go", "--count", "10"}), HasSubstr("1 to 9"));
  EXPECT_THAT(Complaint({"go", "--rate", "9.6"}), HasSubstr("9.5"));
  EXPECT_THAT(Complaint({"go", "--even", "3"}),
              HasSubstr("expected 2, found 3"));
}

TEST_F(CommandLineTest, RefusesNumbersThatTheTypeCannotHold) {
  std::uint32_t small = 0;
  std::uint64_t large = 0;
  std::uint64_t limit = 0;
  std::optional<std::int64_t> seconds;
  std::vector<std::uint64_t> list;
  go_.AddOption("--small", small, "");
  go_.AddOption("--large", large, "");
  go_.AddOption("--limit", limit, "").InRange(1, UINT64_MAX);
  go_.AddOption("--seconds", seconds, "");
  go_.AddOption("NUMBER", list, "");
  ASSERT_EQ(Complaint({"go", "--small", "4294967295", "--large",
                       "18446744073709551615", "--limit",
                       "18446744073709551615", "--seconds",
                       "-9223372036854775808", "0", "18446744073709551615"}),
            "");
  EXPECT_EQ(seconds, INT64_MIN);
  const std::string to_64 = " to 18446744073709551615";
  EXPECT_THAT(
      Complaint({"go", "--small", "4294967296"}),
      HasSubstr("--small: Value 4294967296 not in range 0 to 4294967295"));
  EXPECT_THAT(Complaint({"go", "--large=-1"}),
              HasSubstr("--large: Value -1 not in range 0" + to_64));
  EXPECT_THAT(Complaint({"go", "--large", "18446744073709551616"}),
              HasSubstr("--large: Value 18446744073709551616"));
  EXPECT_THAT(Complaint({"go", "--limit=-1"}),
              HasSubstr("--limit: Value -1 not in range 1" + to_64));
  EXPECT_THAT(Complaint({"go", "--limit", "0"}), HasSubstr("in range 1"));
  EXPECT_THAT(Complaint({"go", "--limit", "x"}), HasSubstr("Value x"));
  EXPECT_THAT(Complaint({"go", "--seconds", "9223372036854775808"}),
              HasSubstr("--seconds: Value 9223372036854775808"));
  EXPECT_THAT(Complaint({"go", "--seconds", ""}), HasSubstr("--seconds"));
  EXPECT_THAT(Complaint({"go", "1", "-1"}), HasSubstr("-1"));
}

TEST_F(CommandLineTest, TakesAnyCaseAndKeepsItsOwn) {
  std::string state;
  go_.AddOption("--state", state, "").OneOfAnyCase({"HELD", "PURGED"});
  ASSERT_EQ(Complaint({"go", "--state", "held"}), "");
  EXPECT_EQ(state, "HELD");
  EXPECT_THAT(Complaint({"go", "--state", "lost"}), HasSubstr("HELD,PURGED"));
}

TEST_F(CommandLineTest, HoldsOptionsToEachOther) {
  std::string file;
  bool all = false;
  bool yes = false;
  const Option all_option = go_.AddFlag("--all", all, "");
  go_.AddFlag("--yes", yes, "").Needs(all_option);
  go_.AddOption("FILE", file, "").Required().Excludes(all_option);
  EXPECT_EQ(Complaint({"go", "a"}), "");
  EXPECT_THAT(Complaint({"go"}), HasSubstr("FILE is required"));
  EXPECT_THAT(Complaint({"go", "a", "--yes"}), HasSubstr("requires --all"));
  EXPECT_THAT(Complaint({"go", "a", "--all"}), HasSubstr("excludes"));
}

}  // namespace
}  // namespace tuco::cli
