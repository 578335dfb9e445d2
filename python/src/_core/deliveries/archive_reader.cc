#include "_core/deliveries/archive_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace tuco::python::deliveries {
namespace {

constexpr std::chrono::milliseconds kTick(50);
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Some lines at the front of a text, which loses them.
class LineGroup {
 public:
  explicit LineGroup(std::string_view& text) {
    while (count_ < lines_.size() && !text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      lines_[count_++] = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  // Without their line breaks.
  std::span<const std::string_view> lines() const {
    return {lines_.data(), count_};
  }

 private:
  std::array<std::string_view, LineParser::kForeseenMax> lines_;
  std::size_t count_ = 0;
};

}  // namespace

ArchiveReader::ArchiveReader(ChunkReader chunks, const LineOptions& options,
                             OnError on_error, std::size_t threads)
    : chunks_(std::move(chunks)),
      options_(options),
      on_error_(on_error),
      threads_(threads),
      parser_(options) {}

ArchiveReader::~ArchiveReader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  work_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

std::optional<Part> ArchiveReader::Next(const std::function<void()>& tick) {
  while (delivered_ < taken_ || !exhausted_) {
    tick();
    if (TakeChunk()) continue;
    std::unique_lock lock(mutex_);
    if (const auto found = parsed_.find(delivered_); found != parsed_.end()) {
      Parsed parsed = std::move(found->second);
      parsed_.erase(found);
      ++delivered_;
      return Deliver(std::move(parsed));
    }
    if (!jobs_.empty()) {
      ParseOne(parser_, lock);
    } else {
      result_.wait_for(lock, kTick);
    }
  }
  return std::nullopt;
}

// Reads a chunk unless there are enough of them; whether it has.
bool ArchiveReader::TakeChunk() {
  if (exhausted_) return false;
  arrow::Buffer memory;
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= threads_ || parsed_.size() >= 2 * threads_) {
      return false;
    }
    if (!spare_.empty()) {
      memory = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  std::optional<Chunk> chunk = chunks_.Next(std::move(memory));
  if (!chunk) {
    exhausted_ = true;
    return true;
  }
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({taken_++, *std::move(chunk)});
  }
  if (taken_ > 1) StartHelper();
  work_.notify_one();
  return true;
}

// A thread that the system refuses is done without.
void ArchiveReader::StartHelper() {
  if (helpers_.size() + 1 >= threads_) return;
  try {
    helpers_.emplace_back([this] { Work(); });
  } catch (const std::system_error&) {
  }
}

void ArchiveReader::Work() {
  LineParser parser(options_);
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    ParseOne(parser, lock);
  }
}

// Requires a job.
void ArchiveReader::ParseOne(LineParser& parser,
                             std::unique_lock<std::mutex>& lock) {
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  lock.unlock();
  Parsed parsed = Parse(job.chunk, parser);
  lock.lock();
  // The memory of long lines is not kept: they are few.
  if (job.chunk.text.capacity() <= 2 * kChunkBytes) {
    spare_.push_back(std::move(job.chunk.text));
  }
  parsed_.emplace(job.number, std::move(parsed));
  result_.notify_one();
}

ArchiveReader::Parsed ArchiveReader::Parse(const Chunk& chunk,
                                           LineParser& parser) const {
  Parsed parsed;
  parsed.part.file = chunk.file;
  parsed.begins_file = chunk.begins_file;
  try {
    ParseText(chunk, parser, parsed);
  } catch (...) {
    parsed.error = std::current_exception();
  }
  return parsed;
}

void ArchiveReader::ParseText(const Chunk& chunk, LineParser& parser,
                              Parsed& parsed) const {
  std::vector<Mistake>& mistakes = parsed.part.mistakes;
  const auto stopped = [&] {
    return on_error_ == OnError::kStop && !mistakes.empty();
  };
  std::string_view text = chunk.lines();
  std::size_t mark_bytes = 0;  // In front of the first line.
  if (chunk.begins_file && text.starts_with(kByteOrderMark)) {
    mark_bytes = kByteOrderMark.size();
    text.remove_prefix(mark_bytes);
  }
  while (!text.empty() && !stopped()) {
    const LineGroup group(text);
    parser.Foresee(group.lines());
    for (const std::string_view line : group.lines()) {
      ++parsed.lines;
      std::optional<LineMistake> wrong = parser.Parse(line);
      if (wrong) {
        mistakes.push_back({parsed.lines, wrong->column + mark_bytes,
                            std::move(wrong->message)});
      }
      mark_bytes = 0;
      if (stopped()) break;
    }
  }
  if (chunk.mistake && !stopped()) {
    mistakes.push_back(*chunk.mistake);
    mistakes.back().line = ++parsed.lines;
  }
  parsed.part.table = parser.TakeTable();
}

// The part with lines counted from the beginning of its file.
std::optional<Part> ArchiveReader::Deliver(Parsed parsed) {
  if (parsed.error) std::rethrow_exception(parsed.error);
  if (parsed.begins_file) lines_ = 0;
  for (Mistake& mistake : parsed.part.mistakes) mistake.line += lines_;
  lines_ += parsed.lines;
  if (on_error_ == OnError::kStop && !parsed.part.mistakes.empty()) {
    exhausted_ = true;
    delivered_ = taken_;
  }
  return std::move(parsed.part);
}

}  // namespace tuco::python::deliveries
