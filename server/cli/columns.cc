#include "server/cli/columns.h"

#include <chrono>

#include "server/cli/terminal_text.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::cli {
namespace {

constexpr std::size_t kWordPointsMax = 80;

}  // namespace

std::string PadRight(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string PadLeft(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string Word(std::string_view text) {
  const std::string quoted = QuoteForTerminal(text, kWordPointsMax);
  return quoted.substr(1, quoted.size() - 2);
}

std::string TimeColumn(const google::protobuf::Timestamp& time) {
  const std::string whole =
      FormatTimestamp(Timestamp(std::chrono::seconds(time.seconds())));
  const std::string thousandths =
      std::to_string(1000 + time.nanos() / 1'000'000).substr(1);
  return Concat({whole.substr(0, whole.size() - 1), ".", thousandths, "Z"});
}

}  // namespace tuco::cli
