#include "server/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

// Whether `text` is a whole number from `min` to `max`.
bool IsWithin(std::string_view text, std::int64_t min, std::uint64_t max) {
  const char* const end = text.data() + text.size();
  const auto reads = [&](auto& number) {
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
  };
  std::uint64_t positive = 0;
  if (reads(positive)) {
    return positive <= max &&
           (min <= 0 || positive >= static_cast<std::uint64_t>(min));
  }
  std::int64_t negative = 0;
  return min < 0 && reads(negative) && negative >= min;
}

}  // namespace

template <typename Number>
Option Option::Whole(CLI::Option& option) {
  using Limits = std::numeric_limits<Number>;
  Option whole(option);
  whole.range_ =
      std::make_shared<Range>(Range{static_cast<std::int64_t>(Limits::min()),
                                    static_cast<std::uint64_t>(Limits::max())});
  // CLI11 takes a minus sign for the largest number, and so whatever is larger.
  option.check([range = whole.range_](const std::string& value) -> std::string {
    if (IsWithin(value, range->min, range->max)) return "";
    return Concat({"Value ", value, " not in range ",
                   std::to_string(range->min), " to ",
                   std::to_string(range->max)});
  });
  return whole;
}

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
  if (range_ != nullptr) *range_ = {static_cast<std::int64_t>(min), max};
  // For help, which shows it.
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

Option Option::Excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::Needs(const Option& other) const {
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
  return Option::Whole<std::uint32_t>(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name, std::uint64_t& value,
                          const std::string& help) const {
  return Option::Whole<std::uint64_t>(*app_->add_option(name, value, help));
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
  return Option::Whole<std::int64_t>(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name,
                          std::optional<std::uint32_t>& value,
                          const std::string& help) const {
  return Option::Whole<std::uint32_t>(*app_->add_option(name, value, help));
}

Option Command::AddOption(const std::string& name,
                          std::vector<std::string>& values,
                          const std::string& help) const {
  return Option(*app_->add_option(name, values, help));
}

Option Command::AddOption(const std::string& name,
                          std::vector<std::uint64_t>& values,
                          const std::string& help) const {
  return Option::Whole<std::uint64_t>(*app_->add_option(name, values, help));
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
