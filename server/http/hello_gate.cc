#include "server/http/hello_gate.h"

#include <algorithm>
#include <utility>

namespace tuco::http {
namespace {

constexpr std::uint64_t kHandshake = 22;
constexpr std::size_t kRecordHeadBytes = 5;
constexpr std::size_t kMessageHeadBytes = 4;

}  // namespace

bool HelloGate::Head::Gather(std::size_t complete,
                             std::span<const char>& bytes) {
  while (size < complete && !bytes.empty()) {
    value = value << 8U | static_cast<unsigned char>(bytes.front());
    ++size;
    bytes = bytes.subspan(1);
  }
  return size == complete;
}

bool HelloGate::Pass(std::span<const char> bytes) {
  while (!bytes.empty() && !too_large_) {
    if (record_left_ == 0) {
      if (!record_head_.Gather(kRecordHeadBytes, bytes)) break;
      const std::uint64_t head = std::exchange(record_head_, {}).value;
      record_type_ = head >> 32U;
      record_left_ = head & 0xffffU;
      continue;
    }
    const auto content = bytes.first(std::min(record_left_, bytes.size()));
    if (record_type_ == kHandshake) PassContent(content);
    record_left_ -= content.size();
    bytes = bytes.subspan(content.size());
  }
  return !too_large_;
}

void HelloGate::PassContent(std::span<const char> content) {
  while (!content.empty() && !too_large_) {
    if (message_left_ == 0) {
      if (!message_head_.Gather(kMessageHeadBytes, content)) return;
      message_left_ = std::exchange(message_head_, {}).value & 0xffffffU;
      too_large_ = message_left_ > kMessageBytesMax;
      continue;
    }
    const std::size_t size = std::min(message_left_, content.size());
    message_left_ -= size;
    content = content.subspan(size);
  }
}

}  // namespace tuco::http
