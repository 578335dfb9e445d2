#include "server/app/log_export.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/cli/event_raw.h"
#include "tuco/digest.h"
#include "tuco/events/v1/event.pb.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

using cli::WriteResult;

constexpr log::ReadRequest kPortion{.events_max = 1'024,
                                    .bytes_max = std::size_t{1} << 20,
                                    .scan_max = 1'024,
                                    .bodies = true};

// One thread at a time, one run.
class Export {
 public:
  Export(log::LogFileReader& log, const ExportRange& range, cli::Output& output,
         const ExportWatcher& watcher)
      : log_(log),
        output_(output),
        watcher_(watcher),
        first_(std::max<std::uint64_t>(range.from, 1)),
        last_(std::min(range.to, log.bounds().head)),
        after_(first_ - 1) {
    const std::uint64_t head = log.bounds().head;
    if (log.marked() > head && range.to > head) {
      watcher.tell(Concat({"events ", std::to_string(head + 1), " to at least ",
                           std::to_string(log.marked()),
                           " are missing: the log lost what was there"}));
    }
  }

  ExportResult Run() {
    while (after_ < last_ && MayGoOn()) {
      if (SkipGap()) continue;
      const std::uint64_t before = after_;
      ReadPortion();
      if (!WriteLines()) break;
      if (result_.status.ok() && after_ == before) {
        result_.status = absl::InternalError(
            absl::StrCat("nothing is read behind event ", after_));
      }
      watcher_.progress(result_.lines, after_ - first_ + 1, last_ - first_ + 1);
    }
    return result_;
  }

 private:
  bool MayGoOn() {
    if (result_.status.ok() && watcher_.stop()) {
      result_.status = absl::CancelledError("interrupted");
    }
    return result_.status.ok();
  }

  // Goes behind the gap that begins here, if one does.
  bool SkipGap() {
    for (const log::Gap& gap : log_.gaps()) {
      if (after_ + 1 < gap.from || gap.to <= after_) continue;
      GoTo(gap.to, "are missing: the log lost what was there");
      return true;
    }
    return false;
  }

  void GoTo(std::uint64_t to, std::string_view why) {
    const std::uint64_t shown = std::min(to, last_);
    watcher_.tell(Concat({"events ", std::to_string(after_ + 1), " to ",
                          std::to_string(shown), " ", why}));
    after_ = shown;
  }

  void ReadPortion() {
    log::ReadRequest request = kPortion;
    request.after = after_;
    absl::Status unreadable;
    const absl::StatusOr<std::uint64_t> through =
        log_.Read(request, [&](const RecordColumns& columns) {
          if (columns.sequence > last_ || !unreadable.ok()) return;
          unreadable = AddLine(columns);
        });
    if (!unreadable.ok()) {
      result_.status = unreadable;
    } else if (through.ok()) {
      after_ = std::min(*through, last_);
    } else if (absl::IsOutOfRange(through.status())) {
      GoTo(log_.bounds().first - 1, "are missing: retention removed them");
    } else {
      result_.status = through.status();
    }
  }

  absl::Status AddLine(const RecordColumns& columns) {
    if (!event_.ParseFromArray(columns.event.data(),
                               static_cast<int>(columns.event.size()))) {
      return absl::DataLossError(
          absl::StrCat("record ", columns.sequence,
                       " is damaged: its event cannot be read"));
    }
    event_.set_body(columns.body.data(), columns.body.size());
    event_.set_signature(HexOf(columns.signature));
    lines_ += cli::EventArchiveLine(event_);
    ++waiting_;
    return absl::OkStatus();
  }

  static std::string HexOf(std::string_view signature) {
    Digest digest{};
    std::copy_n(signature.begin(), std::min(signature.size(), digest.size()),
                digest.begin());
    return ToHex(digest);
  }

  // Also those before a record that is damaged.
  bool WriteLines() {
    result_.written =
        lines_.empty() ? WriteResult::kWritten : output_.Write(lines_);
    if (result_.written != WriteResult::kWritten) return false;
    result_.lines += waiting_;
    waiting_ = 0;
    lines_.clear();
    return true;
  }

  log::LogFileReader& log_;
  cli::Output& output_;
  const ExportWatcher& watcher_;
  const std::uint64_t first_;
  const std::uint64_t last_;
  std::uint64_t after_;
  ExportResult result_;
  events::v1::Event event_;  // Kept for its memory, as is `lines_`.
  std::string lines_;
  std::uint64_t waiting_ = 0;  // In `lines_`.
};

}  // namespace

ExportResult ExportLog(log::LogFileReader& log, const ExportRange& range,
                       cli::Output& output, const ExportWatcher& watcher) {
  return Export(log, range, output, watcher).Run();
}

}  // namespace tuco::app
