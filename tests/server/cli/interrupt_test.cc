#include "server/cli/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "server/cli/exit_codes.h"

namespace tuco::cli {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Interrupt, WaitEndsByTimeOrByRaise) {
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.WaitFor(milliseconds(0)));
  interrupt.Raise();
  EXPECT_TRUE(interrupt.WaitFor(hours(1)));
  EXPECT_TRUE(interrupt.raised());
}

TEST(Interrupt, CallsTheActionOnce) {
  Interrupt interrupt;
  int calls = 0;
  const Interrupt::Action action(interrupt, [&calls] { ++calls; });
  interrupt.Raise();
  interrupt.Raise();
  EXPECT_EQ(calls, 1);
}

TEST(Interrupt, CallsALateActionAtOnce) {
  Interrupt interrupt;
  interrupt.Raise();
  int calls = 0;
  const Interrupt::Action action(interrupt, [&calls] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(Interrupt, ForgetsAnActionThatIsGone) {
  Interrupt interrupt;
  int calls = 0;
  {
    const Interrupt::Action action(interrupt, [&calls] { ++calls; });
  }
  interrupt.Raise();
  EXPECT_EQ(calls, 0);
}

TEST(SignalWatcher, RaisesOnASignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Interrupt interrupt;
    const SignalWatcher watcher(interrupt);
    ::kill(::getpid(), signal);
    EXPECT_TRUE(interrupt.WaitFor(hours(1)));
    EXPECT_EQ(interrupt.exit_code(), kExitInterrupted);
  }
}

TEST(SignalWatcher, RaisesWhenNobodyReadsTheOutput) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Interrupt interrupt;
  const SignalWatcher watcher(interrupt, ends[1]);
  EXPECT_FALSE(interrupt.raised());
  ::close(ends[0]);
  EXPECT_TRUE(interrupt.WaitFor(hours(1)));
  EXPECT_EQ(interrupt.exit_code(), kExitOk);
  ::close(ends[1]);
}

TEST(SignalWatcherDeathTest, EndsTheProcessOnTheSecondSignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto interrupt_twice = [] {
    Interrupt interrupt;
    const SignalWatcher watcher(interrupt);
    ::kill(::getpid(), SIGINT);
    interrupt.WaitFor(hours(1));
    ::kill(::getpid(), SIGINT);
    ::pause();
  };
  EXPECT_EXIT(interrupt_twice(), testing::ExitedWithCode(kExitInterrupted), "");
}

}  // namespace
}  // namespace tuco::cli
