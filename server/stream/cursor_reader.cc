#include "server/stream/cursor_reader.h"

#include <utility>

namespace tuco::stream {
namespace {

class CursorReader final : public Stream {
 public:
  CursorReader(std::shared_ptr<Stream> stream, std::shared_ptr<ReaderLink> link,
               std::function<void()> gone)
      : stream_(std::move(stream)),
        link_(std::move(link)),
        gone_(std::move(gone)) {
    link_->Attach(stream_);
  }
  ~CursorReader() override {
    stream_->Cancel();
    link_->Attach(nullptr);
    gone_();
  }

  void Next(Done done) override {
    stream_->Next([link = link_, done = std::move(done)](
                      absl::StatusOr<Batch> batch) mutable {
      absl::Status ended = link->ended();
      if (!ended.ok()) {
        std::move(done)(std::move(ended));
        return;
      }
      if (batch.ok()) link->SetDelivered(batch->scanned_through);
      std::move(done)(std::move(batch));
    });
  }

  void Cancel() override { stream_->Cancel(); }

 private:
  const std::shared_ptr<Stream> stream_;
  const std::shared_ptr<ReaderLink> link_;
  const std::function<void()> gone_;
};

}  // namespace

void ReaderLink::Attach(std::shared_ptr<Stream> stream) {
  const std::lock_guard lock(mutex_);
  if (stream != nullptr && !ended_.ok()) stream->Cancel();
  stream_ = std::move(stream);
}

void ReaderLink::End(absl::Status why) {
  std::shared_ptr<Stream> stream;
  {
    const std::lock_guard lock(mutex_);
    if (!ended_.ok()) return;
    ended_ = std::move(why);
    stream = stream_;
  }
  if (stream != nullptr) stream->Cancel();
}

absl::Status ReaderLink::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::unique_ptr<Stream> MakeCursorReader(std::unique_ptr<Stream> stream,
                                         std::shared_ptr<ReaderLink> link,
                                         std::function<void()> gone) {
  return std::make_unique<CursorReader>(std::move(stream), std::move(link),
                                        std::move(gone));
}

}  // namespace tuco::stream
