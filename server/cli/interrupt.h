// The wish to stop, told to whatever is waiting at that moment.

#ifndef TUCO_SERVER_CLI_INTERRUPT_H_
#define TUCO_SERVER_CLI_INTERRUPT_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "server/cli/exit_codes.h"

namespace tuco::cli {

// Raised once, never lowered. Safe for concurrent use.
class Interrupt {
 public:
  // What the process is to end with is that of the first call.
  void Raise(int exit_code = kExitInterrupted);
  bool raised() const;
  int exit_code() const;
  // Waits until raised or until the time has passed; whether it is raised.
  bool WaitFor(std::chrono::nanoseconds time) const;

  // Calls `action` when the interrupt is raised, at once when it is already;
  // not any more once this object is gone. One at a time.
  class Action {
   public:
    Action(Interrupt& interrupt, std::function<void()> action);
    ~Action();
    Action(const Action&) = delete;
    Action& operator=(const Action&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool raised_ = false;
  int exit_code_ = kExitInterrupted;
  std::function<void()> action_;
};

// Raises the interrupt on SIGINT and SIGTERM; a second signal ends the process
// at once with kExitInterrupted, for the case that a write to stdout hangs.
//
// Raises it with kExitOk when nobody reads `output_fd` any more, where it is a
// pipe: `tail | head` ends then and not with the next event.
//
// Signals are blocked in the calling thread and in the threads it starts from
// then on, so make it before anything that starts threads.
class SignalWatcher {
 public:
  explicit SignalWatcher(Interrupt& interrupt, int output_fd = -1);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  void Watch(Interrupt& interrupt, int output_fd) const;

  int signal_fd_;
  int stop_fd_;
  std::thread thread_;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_INTERRUPT_H_
