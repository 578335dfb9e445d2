#include "server/cli/field_setting.h"

#include "server/cli/json_text.h"
#include "server/cli/utf8.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

constexpr std::string_view kJsonPrefix = "json:";

constexpr std::string_view kExpected =
    "expected path=text or path=json:value, such as data.message=Hi or "
    "testMode=json:true";

absl::Status Malformed(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      Concat({"--field '", text, "': ", why, "; ", kExpected}));
}

}  // namespace

absl::StatusOr<FieldSetting> ParseFieldSetting(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return Malformed(text, "no `=`");
  if (!IsUtf8(text)) return Malformed(text, "not UTF-8");
  const std::string_view path = text.substr(0, equals);
  const std::string_view value = text.substr(equals + 1);
  if (!value.starts_with(kJsonPrefix)) {
    return FieldSetting{std::string(path), JsonTree::String(value)};
  }
  const std::string_view json = value.substr(kJsonPrefix.size());
  if (!IsJsonValue(json)) return Malformed(text, "not a JSON value");
  return FieldSetting{std::string(path), JsonTree::Spelt(std::string(json))};
}

}  // namespace tuco::cli
