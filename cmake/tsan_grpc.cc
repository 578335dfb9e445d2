// What ThreadSanitizer cannot see of the distribution's gRPC, which is not
// instrumented: that its locks order what they guard, and that what was written
// before an operation began is there for whoever takes its completion.
//
// Takes the place of gRPC's own functions in every program that is built for
// ThreadSanitizer, calls them and tells it. Each order told here is one that
// gRPC promises; no report of ours disappears that is a race.

#include <absl/synchronization/mutex.h>
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpc/support/sync.h>
#include <sanitizer/tsan_interface.h>

#include <cstddef>

namespace {

// The function that would have been called without this file.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops,
                                      std::size_t nops, void* tag,
                                      void* reserved) {
  static auto* const next =
      Next<decltype(grpc_call_start_batch)>("grpc_call_start_batch");
  __tsan_release(tag);
  return next(call, ops, nops, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* cq,
                                      gpr_timespec deadline, void* reserved) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_next)>("grpc_completion_queue_next");
  const grpc_event event = next(cq, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

void gpr_mu_lock(gpr_mu* mu) {
  static auto* const next = Next<decltype(gpr_mu_lock)>("gpr_mu_lock");
  next(mu);
  __tsan_acquire(mu);
}

int gpr_mu_trylock(gpr_mu* mu) {
  static auto* const next = Next<decltype(gpr_mu_trylock)>("gpr_mu_trylock");
  const int locked = next(mu);
  if (locked != 0) __tsan_acquire(mu);
  return locked;
}

void gpr_mu_unlock(gpr_mu* mu) {
  static auto* const next = Next<decltype(gpr_mu_unlock)>("gpr_mu_unlock");
  __tsan_release(mu);
  next(mu);
}

int gpr_cv_wait(gpr_cv* cv, gpr_mu* mu, gpr_timespec abs_deadline) {
  static auto* const next = Next<decltype(gpr_cv_wait)>("gpr_cv_wait");
  __tsan_release(mu);
  const int timed_out = next(cv, mu, abs_deadline);
  __tsan_acquire(mu);
  return timed_out;
}

}  // extern "C"

// The locks of Abseil, which gRPC's headers use too.
namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static auto* const next = Next<void(Mutex*)>("_ZN4absl7debian35Mutex4LockEv");
  next(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static auto* const next =
      Next<void(Mutex*)>("_ZN4absl7debian35Mutex6UnlockEv");
  __tsan_release(this);
  next(this);
}

bool Mutex::TryLock() {
  static auto* const next =
      Next<bool(Mutex*)>("_ZN4absl7debian35Mutex7TryLockEv");
  const bool locked = next(this);
  if (locked) __tsan_acquire(this);
  return locked;
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const next = Next<void(CondVar*, Mutex*)>(
      "_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  next(this, mutex);
  __tsan_acquire(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Duration)>(
      "_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mutex);
  const bool timed_out = next(this, mutex, timeout);
  __tsan_acquire(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Time)>(
      "_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool timed_out = next(this, mutex, deadline);
  __tsan_acquire(mutex);
  return timed_out;
}

ABSL_NAMESPACE_END
}  // namespace absl
