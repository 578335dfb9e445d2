// A JSON text as a tree that a test may change: every key and value as spelt.

#ifndef TUCO_TESTS_LIB_JSON_TREE_H_
#define TUCO_TESTS_LIB_JSON_TREE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tuco {

struct JsonTree {
  std::string key;     // With its quotes; empty for what is no member.
  std::string scalar;  // As spelt; empty for arrays and objects.
  bool is_object = false;
  std::vector<JsonTree> children;

  bool is_container() const { return scalar.empty(); }
  bool is_text() const { return !scalar.empty() && scalar[0] == '"'; }
  bool is_number() const {
    return !scalar.empty() && std::string_view("-0123456789").find(scalar[0]) !=
                                  std::string_view::npos;
  }
};

// The tree of a text that is known to be JSON.
JsonTree ReadTree(std::string_view text);

// The text of a tree; `blank` gives what stands before and after each token.
std::string WriteTree(const JsonTree& tree,
                      const std::function<std::string()>& blank);

// The node and all below it, in the order of the text.
std::vector<JsonTree*> NodesOf(JsonTree& tree);

// A string with its quotes, other characters of it escaped than are now, for
// each that `spell_anew` says so. It means what it meant.
std::string RespellText(std::string_view text,
                        const std::function<bool()>& spell_anew);

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_JSON_TREE_H_
