#include "server/cli/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace tuco::cli {
namespace {

// Blocks the signals that mean the end; a descriptor that reads them instead.
int BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return ::signalfd(-1, &signals, SFD_CLOEXEC);
}

}  // namespace

void Interrupt::Raise(int exit_code) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(raised_, true)) return;
  exit_code_ = exit_code;
  if (action_) action_();
  changed_.notify_all();
}

bool Interrupt::raised() const {
  const std::lock_guard lock(mutex_);
  return raised_;
}

int Interrupt::exit_code() const {
  const std::lock_guard lock(mutex_);
  return exit_code_;
}

bool Interrupt::WaitFor(std::chrono::nanoseconds time) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [this] { return raised_; });
}

Interrupt::Action::Action(Interrupt& interrupt, std::function<void()> action)
    : interrupt_(interrupt) {
  const std::lock_guard lock(interrupt_.mutex_);
  if (interrupt_.raised_) action();
  interrupt_.action_ = std::move(action);
}

Interrupt::Action::~Action() {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.action_ = nullptr;
}

SignalWatcher::SignalWatcher(Interrupt& interrupt, int output_fd)
    : signal_fd_(BlockSignals()),
      stop_fd_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this, &interrupt, output_fd] { Watch(interrupt, output_fd); }) {}

SignalWatcher::~SignalWatcher() {
  ::eventfd_write(stop_fd_, 1);
  thread_.join();
  ::close(signal_fd_);
  ::close(stop_fd_);
}

void SignalWatcher::Watch(Interrupt& interrupt, int output_fd) const {
  bool signalled = false;
  std::array<pollfd, 3> wait = {
      {{signal_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}, {output_fd, 0, 0}}};
  while (true) {
    if (::poll(wait.data(), wait.size(), -1) < 0) continue;
    if (wait[1].revents != 0) return;
    if (wait[2].revents != 0) {
      wait[2].fd = -1;  // Said once; not looked at any more.
      if ((wait[2].revents & POLLERR) != 0) interrupt.Raise(kExitOk);
    }
    if (wait[0].revents == 0) continue;
    signalfd_siginfo signal;
    if (::read(signal_fd_, &signal, sizeof signal) < 0) continue;
    if (std::exchange(signalled, true)) ::_exit(kExitInterrupted);
    interrupt.Raise();
  }
}

}  // namespace tuco::cli
