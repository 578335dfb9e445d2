#include "server/cli/json_tree.h"

#include <algorithm>
#include <utility>

#include "server/cli/json_text.h"
#include "tuco/strings.h"

namespace tuco::cli {

JsonTree JsonTree::String(std::string_view text) {
  return Spelt(JsonString(text));
}

JsonTree JsonTree::Spelt(std::string json) {
  JsonTree tree;
  tree.leaf_ = std::move(json);
  return tree;
}

JsonTree JsonTree::Null() { return Spelt("null"); }

JsonTree JsonTree::Array(const std::vector<JsonTree>& items) {
  std::string json = "[";
  for (const JsonTree& item : items) {
    if (json.size() > 1) json += ',';
    json += item.ToString();
  }
  return Spelt(json + "]");
}

JsonTree JsonTree::Object(std::vector<Member> members) {
  JsonTree tree;
  tree.is_object_ = true;
  tree.members_ = std::move(members);
  return tree;
}

void JsonTree::Add(std::string_view name, JsonTree value) {
  members_.push_back({std::string(name), std::move(value)});
}

absl::Status JsonTree::Set(std::string_view path, JsonTree value) {
  JsonTree* at = this;
  std::string_view rest = path;
  while (true) {
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (name.empty()) {
      return absl::InvalidArgumentError(
          Concat({"'", path, "' has an empty name between its dots"}));
    }
    if (!at->BecomeObject()) {
      const std::string_view parent =
          path.substr(0, path.size() - rest.size() - 1);
      return absl::InvalidArgumentError(Concat(
          {"'", path, "' leads through '", parent, "', which is no object"}));
    }
    Member* member = at->FindMember(name);
    if (member == nullptr) {
      at->Add(name, Null());
      member = &at->members_.back();
    }
    at = &member->value;
    if (name.size() == rest.size()) break;
    rest.remove_prefix(name.size() + 1);
  }
  *at = std::move(value);
  return absl::OkStatus();
}

const JsonTree* JsonTree::Find(std::string_view name) const {
  const auto at = std::find_if(
      members_.begin(), members_.end(),
      [name](const Member& member) { return member.name == name; });
  return at == members_.end() ? nullptr : &at->value;
}

JsonTree::Member* JsonTree::FindMember(std::string_view name) {
  const auto at = std::find_if(
      members_.begin(), members_.end(),
      [name](const Member& member) { return member.name == name; });
  return at == members_.end() ? nullptr : &*at;
}

bool JsonTree::BecomeObject() {
  if (!is_object_ && leaf_ == "null") *this = Object({});
  return is_object_;
}

std::string JsonTree::ToString() const {
  if (!is_object_) return leaf_;
  std::string json = "{";
  for (const Member& member : members_) {
    if (json.size() > 1) json += ',';
    json += JsonString(member.name) + ":" + member.value.ToString();
  }
  return json + "}";
}

}  // namespace tuco::cli
