// The command line of a program: its commands, the options of each, and what
// they want of each other. Parsing, help and complaints are CLI11's, which is
// slow to compile: one source file includes it, and nobody else sees it.

#ifndef TUCO_SERVER_CLI_COMMAND_LINE_H_
#define TUCO_SERVER_CLI_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/cli/exit_codes.h"

// Of CLI11, which spells its own namespace so.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
class Option;
}  // namespace CLI

namespace tuco::cli {

// One option of a command. Copies stand for the same option, as long as its
// CommandLine lives. Each function returns the option itself, for the next.
class Option {
 public:
  // What is wrong with a value; empty: nothing.
  using Check = std::function<std::string(const std::string& value)>;

  // The command is not run without it.
  Option Required() const;

  // Help shows what its variable holds now as the default.
  Option ShowDefault() const;
  // Help and complaints call a value so, such as `FILE`.
  Option ValueName(const std::string& name) const;
  // Help shows `text` behind the option's name, in the place of the value's
  // name, the values that are allowed, the default and the options it wants or
  // excludes.
  Option HelpText(const std::string& text) const;

  // For an option that is a list: takes the one value that follows. Without,
  // it takes all that follow up to the next option. It may be repeated anyway.
  Option OneValueEach() const;

  // Refuses every value but these.
  Option OneOf(const std::vector<std::string>& values) const;
  // Refuses every value out of this range, whose ends are in it: the first for
  // whole numbers, which without are refused only where their type cannot hold
  // them, and the second for all others.
  Option InRange(std::uint64_t min, std::uint64_t max) const;
  Option InRange(double min, double max) const;
  // Takes upper and lower case for the same, and leaves the value as it is
  // spelled here.
  Option OneOfAnyCase(const std::vector<std::string>& values) const;
  // Refuses the values that `check` complains of.
  Option CheckedBy(const Check& check) const;

  // Neither may be given with the other.
  Option Excludes(const Option& other) const;
  // It may only be given with the other.
  Option Needs(const Option& other) const;

 private:
  friend class Command;
  // Of a whole number.
  struct Range {
    std::int64_t min;
    std::uint64_t max;
  };
  explicit Option(CLI::Option& option) : option_(&option) {}
  // Takes whole numbers that a Number can hold.
  template <typename Number>
  static Option Whole(CLI::Option& option);

  CLI::Option* option_;
  std::shared_ptr<Range> range_;  // Null unless it takes whole numbers.
};

// A command, or the program itself, which has commands. Copies stand for the
// same command, as long as its CommandLine lives.
class Command {
 public:
  // Adds the command `name` to this one.
  Command AddCommand(const std::string& name, const std::string& help) const;
  // This command is not run itself: one of its own must be named.
  void RequireCommand() const;

  // Adds the option `name`, such as `--count`, or, when `name` is without
  // dashes, a value that is given by its position. Parsing leaves what was
  // given in `value`, which must live until then; what is not given stays.
  Option AddOption(const std::string& name, std::string& value,
                   const std::string& help) const;
  Option AddOption(const std::string& name, std::uint32_t& value,
                   const std::string& help) const;
  Option AddOption(const std::string& name, std::uint64_t& value,
                   const std::string& help) const;
  Option AddOption(const std::string& name, double& value,
                   const std::string& help) const;
  Option AddOption(const std::string& name, std::optional<std::string>& value,
                   const std::string& help) const;
  Option AddOption(const std::string& name, std::optional<std::int64_t>& value,
                   const std::string& help) const;
  Option AddOption(const std::string& name, std::optional<std::uint32_t>& value,
                   const std::string& help) const;
  // A list: see Option::OneValueEach.
  Option AddOption(const std::string& name, std::vector<std::string>& values,
                   const std::string& help) const;
  Option AddOption(const std::string& name, std::vector<std::uint64_t>& values,
                   const std::string& help) const;
  // Adds an option without a value.
  Option AddFlag(const std::string& name, bool& given,
                 const std::string& help) const;

  // Help ends with `text`.
  void SetFooter(const std::string& text) const;

  // What the command does, once everything was found right. It returns what
  // the process ends with.
  void SetAction(std::function<int()> action) const;

 private:
  friend class CommandLine;
  Command(CLI::App& app, int& exit_code) : app_(&app), exit_code_(&exit_code) {}

  CLI::App* app_;
  int* exit_code_;
};

// Owns the program's commands and options. One thread at a time.
class CommandLine {
 public:
  // `program` is what help calls the program, `help` what it says of it.
  CommandLine(const std::string& program, const std::string& help);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // The program itself, to add commands to.
  Command program();

  // Runs the command that `arguments`, without the program's name, ask for, and
  // returns what the process ends with. InvalidArgument, and nothing was run,
  // for what is not right. Where help is asked for, it is written to `help`
  // instead. In a second run, what the first one left in variables stays there
  // unless it is given again.
  absl::StatusOr<int> Run(std::vector<std::string> arguments,
                          std::ostream& help);

 private:
  const std::unique_ptr<CLI::App> app_;
  int exit_code_ = kExitOk;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_COMMAND_LINE_H_
