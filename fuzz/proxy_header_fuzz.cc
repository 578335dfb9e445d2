// Property: what becomes of a PROXY header does not depend on how its bytes
// were split into reads; nothing behind it is taken; no more is held than its
// limit; and the source it names is an address, or `unix`.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/check.h"
#include "server/base/ip_address.h"
#include "server/http/proxy_header.h"

namespace {

using tuco::http::ProxyHeader;
using Step = ProxyHeader::Step;

constexpr std::size_t kFixedBytes = 16;

struct Outcome {
  Step step = Step::kNeedMore;
  std::size_t read = 0;
  std::optional<std::string> source;
};

// Reads parts of at most `most` bytes.
Outcome Read(std::string_view bytes, std::size_t most) {
  ProxyHeader header;
  Outcome outcome;
  while (outcome.step == Step::kNeedMore && outcome.read < bytes.size()) {
    const auto area = header.ReadArea();
    FUZZ_CHECK(!area.empty());
    FUZZ_CHECK(outcome.read + area.size() <= ProxyHeader::kBytesMax);
    const std::size_t size =
        std::min({area.size(), most, bytes.size() - outcome.read});
    std::copy_n(bytes.data() + outcome.read, size, area.data());
    outcome.read += size;
    outcome.step = header.Commit(size);
  }
  outcome.source = header.source();
  return outcome;
}

void CheckWhole(std::string_view bytes, const Outcome& whole) {
  FUZZ_CHECK(bytes.starts_with(std::string_view("\r\n\r\n\0\r\nQUIT\n", 12)));
  const std::size_t rest = std::size_t{static_cast<unsigned char>(bytes[14])}
                               << 8U |
                           static_cast<unsigned char>(bytes[15]);
  FUZZ_CHECK(whole.read == kFixedBytes + rest);
  if (!whole.source.has_value() || *whole.source == "unix") return;
  const auto address = tuco::base::ParseIpAddress(*whole.source);
  FUZZ_CHECK(address.has_value());
  FUZZ_CHECK(address->ToString() == *whole.source);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view bytes = tuco::fuzz::Text(data, size);
  const Outcome whole = Read(bytes, bytes.size());
  const Outcome single = Read(bytes, 1);
  FUZZ_CHECK(whole.step == single.step);
  FUZZ_CHECK(whole.source == single.source);
  // Of what is malformed more may have come with one read.
  FUZZ_CHECK(whole.read == single.read ||
             (whole.step == Step::kMalformed && whole.read <= kFixedBytes));
  if (whole.step == Step::kComplete) CheckWhole(bytes, whole);
  return 0;
}
