// Property: what the HTTP parser makes of some bytes does not depend on how
// they were split into reads; nothing is delivered behind a refusal; and what
// is delivered keeps the limits and holds no byte that could make another
// parser see other fields.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/check.h"
#include "server/http/limits.h"
#include "server/http/request_parser.h"
#include "tests/server/http/request_trace.h"

namespace {

using tuco::http::Header;
using tuco::http::Limits;
using tuco::http::RequestTrace;
using tuco::http::Trace;

// Small, so that short inputs reach them.
Limits SmallLimits() {
  Limits limits;
  limits.header_bytes_max = 256;
  limits.header_fields_max = 6;
  limits.target_bytes_max = 32;
  limits.body_bytes_max = 64;
  return limits;
}

// Sizes of reads that follow from the input alone.
class Splits {
 public:
  explicit Splits(std::string_view bytes) {
    for (const char c : bytes) Mix(static_cast<unsigned char>(c));
  }
  std::size_t operator()(std::size_t) {
    Mix(1);
    return 1 + (state_ >> 33U) % 24;
  }

 private:
  void Mix(std::uint64_t byte) {
    state_ = (state_ ^ byte) * 6364136223846793005U + 1442695040888963407U;
  }
  std::uint64_t state_ = 0;
};

bool IsPlain(char c) { return c != '\r' && c != '\n' && c != '\0'; }

bool IsNameByte(char c) {
  return IsPlain(c) && c != ' ' && c != '\t' && c != ':' &&
         (c < 'A' || c > 'Z');
}

void CheckRequest(const tuco::http::RequestParser& parser,
                  const Limits& limits) {
  const auto& head = parser.head();
  FUZZ_CHECK(parser.body().size() <= limits.body_bytes_max);
  FUZZ_CHECK(head.headers.size() <= limits.header_fields_max);
  FUZZ_CHECK(head.path.size() + head.query.size() <= limits.target_bytes_max);
  FUZZ_CHECK(head.Count("host") <= 1);
  FUZZ_CHECK(head.Count("content-length") + head.Count("transfer-encoding") <=
             1);
  FUZZ_CHECK(std::all_of(head.path.begin(), head.path.end(), IsPlain));
  for (const Header& header : head.headers) {
    FUZZ_CHECK(!header.name.empty());
    FUZZ_CHECK(std::all_of(header.name.begin(), header.name.end(), IsNameByte));
    FUZZ_CHECK(std::all_of(header.value.begin(), header.value.end(), IsPlain));
  }
}

// The first request of the input, as a handler would see it.
void CheckFirstRequest(std::string_view bytes, const Limits& limits) {
  tuco::http::RequestParser parser(limits);
  const auto area = parser.ReadArea();
  const std::size_t size = std::min(area.size(), bytes.size());
  std::copy_n(bytes.data(), size, area.data());
  parser.Commit(size);
  if (parser.Parse() == tuco::http::ParseEvent::kHead &&
      parser.Parse() == tuco::http::ParseEvent::kRequest) {
    CheckRequest(parser, limits);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view bytes = tuco::fuzz::Text(data, size);
  const Limits limits = SmallLimits();
  const RequestTrace whole =
      Trace(bytes, limits, [](std::size_t rest) { return rest; });
  const RequestTrace single =
      Trace(bytes, limits, [](std::size_t) { return 1; });
  const RequestTrace split = Trace(bytes, limits, Splits(bytes));
  FUZZ_CHECK(whole.everything == single.everything);
  FUZZ_CHECK(whole.everything == split.everything);
  FUZZ_CHECK(!whole.requests_after_refusal && !single.requests_after_refusal);
  CheckFirstRequest(bytes, limits);
  return 0;
}
