#include "server/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/status/status.h"

namespace tuco::cli {

Option Option::Required() const {
  option_->required();
  return *this;
}

Option Option::ShowDefault() const {
  option_->capture_default_str();
  return *this;
}

Option Option::ValueName(const std::string& name) const {
  option_->type_name(name);
  return *this;
}

Option Option::HelpText(const std::string& text) const {
  option_->option_text(text);
  return *this;
}

Option Option::OneValueEach() const {
  option_->allow_extra_args(false);
  return *this;
}

Option Option::OneOf(const std::vector<std::string>& values) const {
  option_->check(CLI::IsMember(values));
  return *this;
}

Option Option::InRange(std::uint64_t min, std::uint64_t max) const {
  option_->check(CLI::Range(min, max));
  return *this;
}

Option Option::InRange(double min, double max) const {
  option_->check(CLI::Range(min, max));
  return *this;
}

Option Option::OneOfAnyCase(const std::vector<std::string>& values) const {
  option_->transform(CLI::IsMember(values, CLI::ignore_case));
  return *this;
}

Option Option::CheckedBy(const Check& check) const {
  option_->check(check);
  return *this;
}

Option Option::Excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::Needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Command Command::AddCommand(const std::string& name,
                            const std::string& help) const {
  return {*app_->add_subcommand(name, help), *exit_code_};
}

void Command::RequireCommand() const { app_->require_subcommand(1); }

Option Command::AddOption(const std::string& name, std::string& value,
                          const std::string& help) const {
  return Option(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name, std::uint32_t& value,
                          const std::string& help) const {
  return Option(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name, std::uint64_t& value,
                          const std::string& help) const {
  return Option(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name, double& value,
                          const std::string& help) const {
  return Option(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name,
                          std::optional<std::string>& value,
                          const std::string& help) const {
  return Option(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name,
                          std::optional<std::int64_t>& value,
                          const std::string& help) const {
  return Option(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name,
                          std::optional<std::uint32_t>& value,
                          const std::string& help) const {
  return Option(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name,
                          std::vector<std::string>& values,
                          const std::string& help) const {
  return Option(*app_->add_option(name, values, help));
}

Option Command::AddOption(const std::string& name,
                          std::vector<std::uint64_t>& values,
                          const std::string& help) const {
  return Option(*app_->add_option(name, values, help));
}

Option Command::AddFlag(const std::string& name, bool& given,
                        const std::string& help) const {
  return Option(*app_->add_flag(name, given, help));
}

void Command::SetFooter(const std::string& text) const { app_->footer(text); }

void Command::SetAction(std::function<int()> action) const {
  app_->callback([action = std::move(action), exit_code = exit_code_] {
    *exit_code = action();
  });
}

CommandLine::CommandLine(const std::string& program, const std::string& help)
    : app_(std::make_unique<CLI::App>(help, program)) {}

CommandLine::~CommandLine() = default;

Command CommandLine::program() { return {*app_, exit_code_}; }

absl::StatusOr<int> CommandLine::Run(std::vector<std::string> arguments,
                                     std::ostream& help) {
  // CLI11 takes them off the end.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app_->parse(std::move(arguments));
    return exit_code_;
  } catch (const CLI::CallForHelp& call) {
    return app_->exit(call, help);
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

}  // namespace tuco::cli
