#include "tuco/internal/shape_detector.h"

#include <algorithm>
#include <array>

namespace tuco::internal {
namespace {

// A delivery that holds one of these in `data` is nested even without an id.
constexpr std::array kNestedFields = {
    Field::kText,   Field::kPhone,     Field::kStatus,
    Field::kLineId, Field::kFirstName, Field::kLastName,
};

bool IsHealthCheck(const FieldSources& sources) {
  return sources.Has(Context::kData, Field::kTest) &&
         sources.Best(Field::kMessageId) == nullptr;
}

bool IsFlatReply(const FieldSources& sources) {
  return sources.HasObject(Context::kReply) ||
         sources.Has(Context::kRoot, Field::kParents) ||
         sources.Has(Context::kRoot, Field::kInReplyTo);
}

bool IsNested(const FieldSources& sources) {
  if (sources.HasId(kNestedId)) return true;
  if (sources.HasId(kTopLevelId)) return false;
  return std::any_of(
      kNestedFields.begin(), kNestedFields.end(),
      [&](Field field) { return sources.Has(Context::kData, field); });
}

bool IsLegacyFlat(const FieldSources& sources) {
  return sources.HasId(kTopLevelId) ||
         sources.Has(Context::kRoot, Field::kText);
}

}  // namespace

Shape DetectShape(const FieldSources& sources) {
  if (IsHealthCheck(sources)) return Shape::kTest;
  if (sources.HasObject(Context::kMessage)) {
    return sources.HasId(kDocumentId) ? Shape::kS2 : Shape::kS4;
  }
  if (sources.HasId(kSnakeCaseId)) return Shape::kS6;
  if (IsFlatReply(sources)) return Shape::kS3;
  if (IsNested(sources)) return Shape::kS1;
  if (IsLegacyFlat(sources)) return Shape::kS5;
  return Shape::kUnspecified;
}

}  // namespace tuco::internal
