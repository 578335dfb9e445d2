// Makes deliveries that are wrong, or only spelt in another way, out of genuine
// ones: what a proxy, a mistake or a forger could make of them.

#ifndef TUCO_TESTS_LIB_DELIVERY_MUTATOR_H_
#define TUCO_TESTS_LIB_DELIVERY_MUTATOR_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "json_tree.h"

namespace tuco {

struct MutatedDelivery {
  std::string body;
  std::string signature;  // As the header has it.
};

// One thread at a time.
class DeliveryMutator {
 public:
  // `bodies` are texts in their canonical form; the secrets are those that
  // sign, whether a verifier knows them or not.
  DeliveryMutator(std::uint32_t seed, std::vector<std::string> bodies,
                  std::vector<std::string> secrets)
      : random_(seed),
        bodies_(std::move(bodies)),
        secrets_(std::move(secrets)) {}

  MutatedDelivery Make();

 private:
  std::size_t Below(std::size_t limit) { return random_() % limit; }
  bool OneIn(std::size_t count) { return Below(count) == 0; }
  template <typename List>
  auto& Pick(List& list) {
    return list[Below(std::size(list))];
  }

  std::string SomeBlank();
  std::string Signature(const std::string& sent, const std::string& body);
  std::string SpellSignature(std::string tag);

  // What JSON.parse does not see.
  std::string Reformat(JsonTree& tree);
  void RespellNumber(std::string& number);
  void MoveIndexKey(JsonTree& object);

  // What it sees.
  void ChangeTree(JsonTree& tree);
  void AddDuplicate(JsonTree& object);
  void ReplaceScalar(JsonTree& node);

  // What may be no JSON at all.
  void ChangeBytes(std::string& body);
  void InsertOddBytes(std::string& body);

  std::mt19937 random_;
  std::vector<std::string> bodies_;
  std::vector<std::string> secrets_;
};

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_DELIVERY_MUTATOR_H_
