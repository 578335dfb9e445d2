#include "tuco/wiped_secrets.h"

#include <utility>

#include "tuco/hmac_sha256.h"

namespace tuco {

WipedSecrets::~WipedSecrets() { Wipe(secrets_); }

WipedSecrets& WipedSecrets::operator=(WipedSecrets&& other) noexcept {
  if (this == &other) return *this;
  Wipe(secrets_);
  secrets_ = std::move(other.secrets_);
  return *this;
}

void WipedSecrets::Add(std::string name, std::string_view text) {
  if (secrets_.size() == secrets_.capacity()) {
    // Growing by itself, the vector would leave short texts behind.
    std::vector<Secret> larger;
    larger.reserve(2 * secrets_.size() + 1);
    for (const Secret& secret : secrets_) larger.push_back(secret);
    Wipe(secrets_);
    secrets_ = std::move(larger);
  }
  Secret& added = secrets_.emplace_back();
  added.name = std::move(name);
  added.text = text;
}

void WipedSecrets::Wipe(std::vector<Secret>& secrets) {
  for (Secret& secret : secrets) {
    SecureWipe(secret.text.data(), secret.text.size());
  }
  secrets.clear();
}

}  // namespace tuco
