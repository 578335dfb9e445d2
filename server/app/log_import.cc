#include "server/app/log_import.h"

#include <utility>

#include "server/base/status_macros.h"
#include "tuco/event_type.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

using receiver::Imported;

// Lines between two looks at whether the import goes on, and two words on how
// far it has come.
constexpr std::uint64_t kStride = 256;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

receiver::Archived ToArchived(const cli::DeliveryLine& line,
                              const std::string& endpoint) {
  receiver::Archived archived;
  receiver::Delivery& delivery = archived.candidate.delivery;
  delivery.body = line.body;
  delivery.signatures = line.signatures;
  delivery.signature = line.signature;
  delivery.event_header = line.event_header;
  delivery.timestamp_header = line.timestamp_header;
  delivery.received_at = line.received_at;
  if (!line.endpoint.empty()) {
    archived.candidate.endpoint = line.endpoint;
  } else if (!endpoint.empty()) {
    archived.candidate.endpoint = endpoint;
  }
  archived.headers_differed = line.headers_differed;
  return archived;
}

}  // namespace

LogImport::LogImport(const receiver::Importer& importer,
                     log::Committer* committer, Options options)
    : importer_(importer),
      committer_(committer),
      options_(std::move(options)) {}

ImportResult LogImport::Run(const NextLine& next_line) {
  absl::Status status = ReadAll(next_line);
  WaitForAll();
  const std::lock_guard lock(mutex_);
  ImportResult result{
      .counts = counts_, .status = std::move(status), .line = line_};
  if (failed_line_ != 0) {
    result.status = failure_;
    result.line = failed_line_;
  }
  return result;
}

absl::Status LogImport::ReadAll(const NextLine& next_line) {
  while (true) {
    ++line_;
    TUCO_ASSIGN_OR_RETURN(const std::optional<std::string_view> line,
                          next_line());
    if (!line.has_value()) return absl::OkStatus();
    if (!IsBlank(*line)) {
      TUCO_ASSIGN_OR_RETURN(const cli::DeliveryLine delivery,
                            cli::ParseDeliveryLine(*line));
      Take(delivery);
    }
    if (line_ % kStride != 0) continue;
    if (failed()) return absl::OkStatus();
    options_.progress(line_);
  }
}

void LogImport::Take(const cli::DeliveryLine& line) {
  const receiver::Archived archived = ToArchived(line, options_.endpoint);
  if (committer_ != nullptr) {
    Submit(archived);
    return;
  }
  const std::optional<Reason> reason = importer_.Check(archived);
  Imported imported;
  imported.kind = reason.has_value() ? Imported::Kind::kNotGenuine
                                     : Imported::Kind::kAccepted;
  imported.reason = reason.value_or(Reason::kUnspecified);
  const std::lock_guard lock(mutex_);
  Count(line_, imported);
}

void LogImport::Submit(const receiver::Archived& archived) {
  const std::size_t bytes = archived.candidate.delivery.body.size();
  WaitForRoom(bytes);
  importer_.Import(archived, *committer_,
                   [this, bytes, line = line_](const Imported& imported) {
                     Answered(line, bytes, imported);
                   });
}

void LogImport::WaitForRoom(std::size_t bytes) {
  std::unique_lock lock(mutex_);
  while (waiting_lines_ > 0 && (waiting_lines_ >= kWindowLines ||
                                waiting_bytes_ + bytes > kWindowBytes)) {
    answered_.wait(lock);
  }
  ++waiting_lines_;
  waiting_bytes_ += bytes;
}

void LogImport::WaitForAll() {
  std::unique_lock lock(mutex_);
  while (waiting_lines_ > 0) answered_.wait(lock);
}

bool LogImport::failed() {
  const std::lock_guard lock(mutex_);
  return failed_line_ != 0;
}

void LogImport::Answered(std::uint64_t line, std::size_t bytes,
                         const Imported& imported) {
  const std::lock_guard lock(mutex_);
  --waiting_lines_;
  waiting_bytes_ -= bytes;
  Count(line, imported);
  // Under the lock: whoever waits may be gone right after it.
  if (waiting_lines_ == 0 || waiting_lines_ % kStride == 0) {
    answered_.notify_one();
  }
}

void LogImport::Count(std::uint64_t line, const Imported& imported) {
  ++counts_.lines;
  switch (imported.kind) {
    case Imported::Kind::kAccepted:
      ++counts_.accepted;
      return;
    case Imported::Kind::kDuplicate:
      ++counts_.duplicates;
      return;
    case Imported::Kind::kNotGenuine:
      ++counts_.not_genuine;
      Name(line, Concat({"not genuine, ", ReasonName(imported.reason)}));
      return;
    case Imported::Kind::kReplay:
      ++counts_.replays;
      Name(line, FromAbsl(imported.status.message()));
      return;
    case Imported::Kind::kFailed:
      if (failed_line_ != 0 && failed_line_ < line) return;
      failed_line_ = line;
      failure_ = imported.status;
  }
}

void LogImport::Name(std::uint64_t line, std::string_view why) {
  if (++named_ > kNamedMax) return;
  options_.tell(Concat({"line ", std::to_string(line), ": ", why}));
}

}  // namespace tuco::app
