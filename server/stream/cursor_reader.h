// The stream of a CURSOR subscription's reader: one of the hub's, of which the
// subscription knows how far it has got and which it can end.

#ifndef TUCO_SERVER_STREAM_CURSOR_READER_H_
#define TUCO_SERVER_STREAM_CURSOR_READER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/stream/hub.h"

namespace tuco::stream {

// What a reader and its subscription have in common. Safe for concurrent use.
class ReaderLink {
 public:
  explicit ReaderLink(std::uint64_t position)
      : position_(position), delivered_(position) {}

  // Where the reader begins.
  std::uint64_t position() const { return position_; }
  // Up to where it has been given events.
  std::uint64_t delivered() const { return delivered_.load(); }
  void SetDelivered(std::uint64_t through) { delivered_ = through; }

  // The stream to end; it is ended here and now when that is over already.
  void Attach(std::shared_ptr<Stream> stream);
  // The reader's next answer is `why`.
  void End(absl::Status why);
  // Why it was ended; OK as long as it was not.
  absl::Status ended() const;

 private:
  const std::uint64_t position_;
  std::atomic<std::uint64_t> delivered_;
  mutable std::mutex mutex_;
  absl::Status ended_ ABSL_GUARDED_BY(mutex_);
  // Shared, so that it can be cancelled without the lock while its reader
  // lets go of it.
  std::shared_ptr<Stream> stream_ ABSL_GUARDED_BY(mutex_);
};

// `stream` as the reader's; `gone` is called when it is destroyed.
std::unique_ptr<Stream> MakeCursorReader(std::unique_ptr<Stream> stream,
                                         std::shared_ptr<ReaderLink> link,
                                         std::function<void()> gone);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_CURSOR_READER_H_
