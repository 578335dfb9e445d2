#include "tests/lib/delivery_mutator.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "hmac_by_definition.h"
#include "tuco/canonical_json.h"

namespace tuco {
namespace {

constexpr std::string_view kBlanks[] = {" ", "\n", "\r\n", "\t", "    "};

// What V8, doubles or a strict reader have an opinion about.
constexpr std::string_view kOddScalars[] = {
    "1e400",
    "-1e400",
    "1e-400",
    "5e-324",
    "2e-324",
    "-0",
    "0.0",
    "1e21",
    "1E+2",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "123456789012345680000",
    "0.1000000000000000055511151231257827",
    "1.7976931348623159e308",
    "01",
    "1.",
    ".5",
    "+1",
    "NaN",
    "Infinity",
    "null",
    "True",
    "\"\\ud83d\"",
    "\"\\udc00\\ud800\"",
    "\"\\u0000\"",
    "\"\\x41\"",
    "\"\\u00zz\"",
    "'a'",
    "{}",
    "[1,]",
    "{\"a\":1,\"\\u0061\":2}",
};

constexpr std::string_view kOddBytes[] = {
    "\xef\xbb\xbf",      // A byte order mark.
    "\xff",              // No UTF-8:
    "\xc0\x80",          // an overlong NUL,
    "\xed\xa0\xbd",      // a surrogate,
    "\xf4\x90\x80\x80",  // beyond Unicode,
    "\xe2\x80",          // cut short.
    "\xe2\x80\xa8",      // U+2028
    "\\u0000",
    "\\",
    "\"",
    "//",
    "/**/",
    ",",
    "{}",
    "\n",
    "\x7f",
    "\x0c",
};

constexpr std::string_view kTails[] = {"\n", "\r\n", " ", "x", "{}", "]", "}"};

constexpr std::string_view kPrefixes[] = {"sha256=", "0x", "v1=", "\"", ","};

bool IsIndexKey(std::string_view key) {
  return key.size() > 2 && key[1] >= '0' && key[1] <= '9';
}

bool IsInteger(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

}  // namespace

MutatedDelivery DeliveryMutator::Make() {
  const std::string& sent = Pick(bodies_);
  std::string body = sent;
  // As it was sent, reformatted, said otherwise, broken; or two of them.
  if (!OneIn(6)) {
    JsonTree tree = ReadTree(sent);
    if (OneIn(3)) ChangeTree(tree);
    body = Reformat(tree);
    if (OneIn(4)) ChangeBytes(body);
  } else if (OneIn(2)) {
    ChangeBytes(body);
  }
  std::string signature = Signature(sent, body);
  return {std::move(body), std::move(signature)};
}

std::string DeliveryMutator::SomeBlank() {
  return std::string(OneIn(12) ? Pick(kBlanks) : "");
}

// What was sent is signed, or what arrives, or its canonical form, or nothing
// of the kind.
std::string DeliveryMutator::Signature(const std::string& sent,
                                       const std::string& body) {
  const std::string& secret = Pick(secrets_);
  Digest tag = TagByDefinition(secret, sent);
  const std::size_t kind = Below(16);
  if (kind < 3) {
    tag = TagByDefinition(secret, body);
  } else if (kind < 6) {
    const auto canonical = CanonicalJson(body);
    if (canonical.ok()) tag = TagByDefinition(secret, *canonical);
  } else if (kind == 6) {
    tag = Sha256(sent);
  } else if (kind == 7) {
    tag[Below(tag.size())] ^= static_cast<std::uint8_t>(1U << Below(8));
  }
  return SpellSignature(ToHex(tag));
}

std::string DeliveryMutator::SpellSignature(std::string tag) {
  switch (Below(24)) {
    case 0:
    case 1:
      for (char& c : tag) {
        if (OneIn(2)) {
          c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
      }
      return tag;
    case 2:
      return std::string(Pick(kBlanks)) + tag + std::string(Pick(kBlanks));
    case 3:
      return std::string(Pick(kPrefixes)) + tag;
    case 4:
      return tag.substr(0, Below(tag.size()));
    case 5:
      return tag + tag.substr(0, Below(tag.size()));
    case 6:
      tag.insert(Below(tag.size()), 1, static_cast<char>(random_()));
      return tag;
    case 7:
      tag[Below(tag.size())] = static_cast<char>(random_());
      return tag;
    default:
      return tag;
  }
}

std::string DeliveryMutator::Reformat(JsonTree& tree) {
  for (JsonTree* node : NodesOf(tree)) {
    const auto spell_anew = [this] { return OneIn(20); };
    if (!node->key.empty() && OneIn(8)) {
      node->key = RespellText(node->key, spell_anew);
    }
    if (node->is_text() && OneIn(4)) {
      node->scalar = RespellText(node->scalar, spell_anew);
    }
    if (node->is_number() && OneIn(2)) RespellNumber(node->scalar);
    if (node->is_object && OneIn(2)) MoveIndexKey(*node);
  }
  return WriteTree(tree, [this] { return SomeBlank(); });
}

void DeliveryMutator::RespellNumber(std::string& number) {
  constexpr std::string_view kEnds[] = {".0", "e0", ".000E+0", "00e-2", "0E-1"};
  if (IsInteger(number) && number != "0") {
    number += Pick(kEnds);
  } else if (number.find_first_of("eE") == std::string::npos) {
    number += number == "0" ? ".0" : "0";
  }
}

// An array index may stand anywhere: JavaScript puts it first.
void DeliveryMutator::MoveIndexKey(JsonTree& object) {
  auto& members = object.children;
  const auto index = std::find_if(
      members.begin(), members.end(),
      [](const JsonTree& member) { return IsIndexKey(member.key); });
  if (index == members.end()) return;
  std::rotate(index, index + 1, members.end());
}

void DeliveryMutator::ChangeTree(JsonTree& tree) {
  const std::vector<JsonTree*> nodes = NodesOf(tree);
  JsonTree& node = *Pick(nodes);
  if (!node.is_container()) return ReplaceScalar(node);
  auto& children = node.children;
  if (children.empty()) return;
  switch (Below(4)) {
    case 0:
      return std::swap(Pick(children), Pick(children));
    case 1:
      children.erase(children.begin() +
                     static_cast<std::ptrdiff_t>(Below(children.size())));
      return;
    default:
      AddDuplicate(node);
  }
}

// Of a member another one with the same key, or of an element a second one, in
// any position.
void DeliveryMutator::AddDuplicate(JsonTree& object) {
  JsonTree copy = Pick(object.children);
  const auto spell_anew = [this] { return OneIn(3); };
  if (!copy.key.empty()) copy.key = RespellText(copy.key, spell_anew);
  if (!OneIn(4)) ReplaceScalar(copy);
  const auto place =
      static_cast<std::ptrdiff_t>(Below(object.children.size() + 1));
  object.children.insert(object.children.begin() + place, std::move(copy));
}

void DeliveryMutator::ReplaceScalar(JsonTree& node) {
  node.children.clear();
  node.is_object = false;
  node.scalar = OneIn(2) ? "\"forged\"" : std::string(Pick(kOddScalars));
}

void DeliveryMutator::ChangeBytes(std::string& body) {
  const std::size_t at = Below(body.size());
  switch (Below(7)) {
    case 0:
      body[at] = static_cast<char>(body[at] ^ 1 << Below(8));
      return;
    case 1:
      body.insert(at, 1, static_cast<char>(random_()));
      return;
    case 2:
      body.erase(at, 1 + Below(4));
      return;
    case 3:
      body.insert(at, body.substr(Below(body.size()), 20));
      return;
    case 4:
      body.resize(at);
      return;
    case 5:
      body += Pick(kTails);
      return;
    default:
      InsertOddBytes(body);
  }
}

// Mostly in front or at the end, where a lax reader would not mind.
void DeliveryMutator::InsertOddBytes(std::string& body) {
  const std::size_t places[] = {0, body.size(), Below(body.size())};
  body.insert(Pick(places), Pick(kOddBytes));
}

}  // namespace tuco
