#include "server/app/environment_secrets.h"

#include <cstdlib>
#include <cstring>

#include "tuco/hmac_sha256.h"

namespace tuco::app {
namespace {

// More than what strings keep within themselves and copy when they move.
constexpr std::size_t kNoShortString = 64;

}  // namespace

cli::Environment EnvironmentSecrets::Reader() const {
  return [this](const char* name) { return Read(name); };
}

std::optional<std::string> EnvironmentSecrets::Read(const char* name) const {
  const auto hidden = hidden_.find(name);
  if (hidden == hidden_.end()) return cli::ProcessEnvironment()(name);
  std::string text;
  text.reserve(kNoShortString);
  text = hidden->second.text();
  return text;
}

void EnvironmentSecrets::Hide(const std::string& name) {
  // Ours to write to: it is the memory that the process was started with.
  char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return;
  const std::size_t size = std::strlen(value);
  hidden_.insert_or_assign(name, base::SecretMemory({value, size}));
  SecureWipe(value, size);
}

}  // namespace tuco::app
