// A JSON object that keeps its members in the order in which they were put
// in, as JavaScript does, and whose members can be set by path.

#ifndef TUCO_SERVER_CLI_JSON_TREE_H_
#define TUCO_SERVER_CLI_JSON_TREE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace tuco::cli {

// A value: copyable.
class JsonTree {
 public:
  struct Member;

  // A leaf: `text` is well-formed UTF-8.
  static JsonTree String(std::string_view text);
  // A leaf: a JSON value as it is spelt, arrays included.
  static JsonTree Spelt(std::string json);
  static JsonTree Null();
  static JsonTree Array(const std::vector<JsonTree>& items);
  static JsonTree Object(std::vector<Member> members);

  // Appends a member to an object, whose name must be new.
  void Add(std::string_view name, JsonTree value);

  // Sets the member that `path` (names joined by dots) leads to; objects on
  // the way are made where there is nothing or null. InvalidArgument when the
  // path has an empty name or leads through what is no object.
  absl::Status Set(std::string_view path, JsonTree value);

  // The member of that name, or nullptr.
  const JsonTree* Find(std::string_view name) const;

  // The text, spelt as JSON.stringify does.
  std::string ToString() const;

 private:
  Member* FindMember(std::string_view name);
  // Makes null an object; false when this is a leaf of another kind.
  bool BecomeObject();

  bool is_object_ = false;
  std::string leaf_;
  std::vector<Member> members_;
};

struct JsonTree::Member {
  std::string name;
  JsonTree value;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_JSON_TREE_H_
