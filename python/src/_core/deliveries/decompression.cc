// Gzip and zstd, recognised by how they begin.

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <new>
#include <vector>

#include "_core/deliveries/byte_source.h"

namespace tuco::python::deliveries {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
// What may stand before, between and behind zstd's frames: sixteen numbers.
constexpr std::string_view kSkippableTail = "\x2a\x4d\x18";
constexpr std::size_t kMagicBytesMax = 4;

// A source that begins with bytes that were read from it already.
class Begun final : public ByteSource {
 public:
  Begun(std::string first, std::unique_ptr<ByteSource> source)
      : first_(std::move(first)), source_(std::move(source)) {}

  std::size_t Read(char* into, std::size_t size) override {
    if (taken_ == first_.size()) return source_->Read(into, size);
    const std::size_t count = first_.copy(into, size, taken_);
    taken_ += count;
    return count;
  }
  std::uint64_t position() const override { return source_->position(); }

 private:
  const std::string first_;
  std::size_t taken_ = 0;
  const std::unique_ptr<ByteSource> source_;
};

// Compressed bytes, some at a time.
class Input {
 public:
  explicit Input(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)) {}

  // What is there and not taken; more is read when nothing is. Empty at the
  // end.
  std::string_view Rest() {
    if (rest_.empty()) {
      rest_ = {buffer_.data(), source_->Read(buffer_.data(), buffer_.size())};
    }
    return rest_;
  }
  void TakeTo(std::size_t left) { rest_.remove_prefix(rest_.size() - left); }
  std::uint64_t position() const { return source_->position(); }

 private:
  const std::unique_ptr<ByteSource> source_;
  std::string_view rest_;
  std::array<char, 1 << 16> buffer_;
};

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> source)
      : input_(std::move(source)) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  std::size_t Read(char* into, std::size_t size) override {
    while (true) {
      const std::string_view rest = input_.Rest();
      if (between_ && !BeginMember(rest)) return 0;
      if (rest.empty()) throw DamagedError("the gzip data end too early");
      const std::size_t made = Inflate(rest, into, size);
      if (made != 0) return made;
    }
  }
  std::uint64_t position() const override { return input_.position(); }

 private:
  // Whether another member follows; zeros behind the last one are padding.
  bool BeginMember(std::string_view rest) {
    if (rest.empty()) return false;
    if (rest.front() != kGzipMagic.front()) {
      if (rest.front() == '\0') return false;
      throw DamagedError("something else follows the gzip data");
    }
    inflateReset(&stream_);
    between_ = false;
    return true;
  }

  std::size_t Inflate(std::string_view rest, char* into, std::size_t size) {
    constexpr std::size_t kAtOnce = std::size_t{1} << 30;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
    stream_.avail_in = static_cast<uInt>(rest.size());
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(std::min(size, kAtOnce));
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      throw DamagedError("the gzip data are damaged");
    }
    input_.TakeTo(stream_.avail_in);
    between_ = result == Z_STREAM_END;
    return static_cast<std::size_t>(reinterpret_cast<char*>(stream_.next_out) -
                                    into);
  }

  Input input_;
  z_stream stream_{};
  bool between_ = false;  // Two members, or behind the last one.
};

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> source)
      : input_(std::move(source)), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

  std::size_t Read(char* into, std::size_t size) override {
    while (true) {
      const std::string_view rest = input_.Rest();
      // What zstd still has to give needs no input.
      ZSTD_inBuffer in{rest.data(), rest.size(), 0};
      ZSTD_outBuffer out{into, size, 0};
      const std::size_t result = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(result) != 0) {
        throw DamagedError(std::string("the zstd data are damaged: ") +
                           ZSTD_getErrorName(result));
      }
      input_.TakeTo(rest.size() - in.pos);
      if (out.pos != 0 || in.pos != 0) within_ = result != 0;
      if (out.pos != 0) return out.pos;
      if (!rest.empty()) continue;
      if (within_) throw DamagedError("the zstd data end too early");
      return 0;
    }
  }
  std::uint64_t position() const override { return input_.position(); }

 private:
  Input input_;
  ZSTD_DStream* const stream_;
  bool within_ = false;  // A frame whose end has not come.
};

bool IsZstd(std::string_view first) {
  const bool skippable = first.size() == kMagicBytesMax &&
                         first.substr(1) == kSkippableTail &&
                         (first.front() & 0xf0) == 0x50;
  return skippable || first == kZstdMagic;
}

}  // namespace

std::unique_ptr<ByteSource> Decompressed(std::unique_ptr<ByteSource> source) {
  std::string first(kMagicBytesMax, '\0');
  std::size_t size = 0;
  while (size < first.size()) {
    const std::size_t count =
        source->Read(first.data() + size, first.size() - size);
    if (count == 0) break;
    size += count;
  }
  first.resize(size);
  const bool gzip = first.starts_with(kGzipMagic);
  const bool zstd = IsZstd(first);
  auto begun = std::make_unique<Begun>(std::move(first), std::move(source));
  if (gzip) return std::make_unique<GzipSource>(std::move(begun));
  if (zstd) return std::make_unique<ZstdSource>(std::move(begun));
  return begun;
}

}  // namespace tuco::python::deliveries
