#include "tuco/internal/json_skip.h"

#include <vector>

#include "tuco/internal/json_scan.h"

namespace tuco::internal {
namespace {

class Skipper {
 public:
  Skipper(const char* end, JsonStrings& strings)
      : end_(end), strings_(strings) {}

  ContainerSkip Run(const char* p) {
    p = Open(p);
    while (p != nullptr && !is_object_.empty()) p = Step(p);
    return {p, ill_formed_};
  }

 private:
  const char* Open(const char* p) {
    is_object_.push_back(*p == '{');
    first_ = true;
    return p + 1;
  }

  // One element, member, opening or closing bracket.
  const char* Step(const char* p) {
    p = SkipBlanks(p, end_);
    if (p == end_) return nullptr;
    if (*p == (is_object_.back() ? '}' : ']')) {
      is_object_.pop_back();
      first_ = false;
      return p + 1;
    }
    if (!first_ && *p != ',') return nullptr;
    if (!first_) p = SkipBlanks(p + 1, end_);
    if (is_object_.back()) p = SkipKey(p);
    if (p == nullptr || p == end_) return nullptr;
    return *p == '{' || *p == '[' ? Open(p) : SkipScalar(p);
  }

  // To where the value starts.
  const char* SkipKey(const char* p) {
    if (p == end_ || *p != '"') return nullptr;
    p = SkipString(p);
    if (p == nullptr) return nullptr;
    p = SkipBlanks(p, end_);
    if (p == end_ || *p != ':') return nullptr;
    return SkipBlanks(p + 1, end_);
  }

  const char* SkipString(const char* p) {
    const StringScan scan = strings_.Scan(p);
    ill_formed_ |= scan.ill_formed;
    return scan.end == nullptr ? nullptr : scan.end + 1;
  }

  const char* SkipScalar(const char* p) {
    first_ = false;
    return *p == '"' ? SkipString(p) : ScanWordOrNumber(p, end_).end;
  }

  const char* end_;
  JsonStrings& strings_;
  std::vector<bool> is_object_;
  bool first_ = true;
  bool ill_formed_ = false;
};

}  // namespace

ContainerSkip SkipContainer(const char* p, const char* end,
                            JsonStrings& strings) {
  return Skipper(end, strings).Run(p);
}

}  // namespace tuco::internal
