#include "tuco/internal/extra_json.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tuco/internal/utf8.h"

namespace tuco::internal {
namespace {

// Writes members in the order of the text. Known objects are opened when the
// first of their members comes and closed when a member outside comes.
class ExtraWriter {
 public:
  ExtraWriter(const JsonReader& json, const FieldSources& sources)
      : json_(json) {
    for (const auto* object = sources.objects_begin();
         object != sources.objects_end(); ++object) {
      objects_[object_count_++] = object->node;
    }
    // Outer objects come first in the text.
    std::sort(objects_.begin(), objects_.begin() + object_count_);
  }

  void WriteMember(std::uint32_t node) {
    while (open_count_ > 0 && node >= json_[open_[open_count_ - 1]].next) {
      CloseObject();
    }
    for (std::size_t i = 0; i < object_count_; ++i) {
      const bool inside = objects_[i] < node && node < json_[objects_[i]].next;
      if (inside && !IsOpen(objects_[i])) OpenObject(objects_[i]);
    }
    WriteKey(node);
    out_.append(json_.Raw(json_[node]));
  }

  std::string Finish() && {
    while (open_count_ > 0) CloseObject();
    return std::move(out_);
  }

 private:
  bool IsOpen(std::uint32_t object) const {
    const auto* end = open_.begin() + open_count_;
    return std::find(open_.begin(), end, object) != end;
  }

  void OpenObject(std::uint32_t object) {
    if (open_count_ > 0) WriteKey(object);
    open_[open_count_++] = object;
    out_.push_back('{');
  }

  void CloseObject() {
    --open_count_;
    out_.push_back('}');
  }

  void WriteKey(std::uint32_t node) {
    if (out_.back() != '{') out_.push_back(',');
    out_.append(json_.RawKey(json_[node]));
    out_.push_back(':');
  }

  const JsonReader& json_;
  std::size_t object_count_ = 0;
  std::size_t open_count_ = 0;
  std::array<std::uint32_t, kContextCount> objects_;
  std::array<std::uint32_t, kContextCount> open_;
  std::string out_;
};

}  // namespace

std::optional<std::string> ExtraJson(const JsonReader& json,
                                     FieldSources& sources) {
  auto& unmapped = sources.unmapped();
  if (unmapped.empty()) return std::nullopt;
  std::sort(unmapped.begin(), unmapped.end());
  ExtraWriter writer(json, sources);
  for (const std::uint32_t node : unmapped) writer.WriteMember(node);
  std::string text = std::move(writer).Finish();
  if (!json.bad_utf8()) return text;
  std::string well_formed;
  AppendWellFormed(text, well_formed);
  return well_formed;
}

}  // namespace tuco::internal
