#include "server/cli/progress.h"

#include "server/cli/console.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kInterval{2};

}  // namespace

Progress::Progress(int fd)
    : terminal_(IsTerminal(fd)), said_at_(SteadyClock::now()) {}

void Progress::Say(std::uint64_t count,
                   const std::function<std::string()>& text) {
  if (!terminal_) return;
  const SteadyClock::time_point now = SteadyClock::now();
  if (now - said_at_ < kInterval) return;
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - said_at_);
  const std::uint64_t rate =
      (count - count_) * 1'000 / static_cast<std::uint64_t>(passed.count());
  Notice(Concat({text(), ", ", std::to_string(rate), " a second"}));
  count_ = count;
  said_at_ = now;
}

}  // namespace tuco::cli
