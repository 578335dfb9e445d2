// What ThreadSanitizer cannot see of the distribution's gRPC, which is not
// instrumented: that its locks order what they guard, and that what was written
// before an operation began is there for whoever takes its completion.
//
// Takes the place of gRPC's own functions in every program that is built for
// ThreadSanitizer, calls them and tells it. Each order told here is one that
// gRPC promises; no report of ours disappears that is a race.

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
                                      std::size_t count, void* tag,
                                      void* reserved) {
  static auto* const next =
      Next<decltype(grpc_call_start_batch)>("grpc_call_start_batch");
  __tsan_release(tag);
  return next(call, ops, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue,
                                      gpr_timespec deadline, void* reserved) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_next)>("grpc_completion_queue_next");
  const grpc_event event = next(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

void gpr_mu_lock(gpr_mu* mutex) {
  static auto* const next = Next<decltype(gpr_mu_lock)>("gpr_mu_lock");
  next(mutex);
  __tsan_acquire(mutex);
}

int gpr_mu_trylock(gpr_mu* mutex) {
  static auto* const next = Next<decltype(gpr_mu_trylock)>("gpr_mu_trylock");
  const int locked = next(mutex);
  if (locked != 0) __tsan_acquire(mutex);
  return locked;
}

void gpr_mu_unlock(gpr_mu* mutex) {
  static auto* const next = Next<decltype(gpr_mu_unlock)>("gpr_mu_unlock");
  __tsan_release(mutex);
  next(mutex);
}

int gpr_cv_wait(gpr_cv* condition, gpr_mu* mutex, gpr_timespec deadline) {
  static auto* const next = Next<decltype(gpr_cv_wait)>("gpr_cv_wait");
  __tsan_release(mutex);
  const int timed_out = next(condition, mutex, deadline);
  __tsan_acquire(mutex);
  return timed_out;
}

}  // extern "C"
