// Secrets that have to be kept as texts, overwritten when they go.

#ifndef TUCO_WIPED_SECRETS_H_
#define TUCO_WIPED_SECRETS_H_

#include <string>
#include <string_view>
#include <vector>

#include "tuco/signature_verifier.h"

namespace tuco {

// One thread at a time while adding, then safe for concurrent use. Moved, not
// copied: there is one copy of each text, and nothing is left of it elsewhere.
class WipedSecrets {
 public:
  WipedSecrets() = default;
  ~WipedSecrets();
  WipedSecrets(WipedSecrets&& other) noexcept = default;
  WipedSecrets& operator=(WipedSecrets&& other) noexcept;

  void Add(std::string name, std::string_view text);

  // In the order of Add.
  const std::vector<Secret>& all() const { return secrets_; }

 private:
  static void Wipe(std::vector<Secret>& secrets);

  std::vector<Secret> secrets_;
};

}  // namespace tuco

#endif  // TUCO_WIPED_SECRETS_H_
