#include "server/app/reloadable.h"

#include <utility>
#include <vector>

#include "tuco/strings.h"

namespace tuco::app {

absl::Status ReloadAll(std::span<const Reloadable> parts,
                       const ServeConfig& config) {
  std::vector<Reloadable::PutInForce> prepared;
  prepared.reserve(parts.size());
  for (const Reloadable& part : parts) {
    absl::StatusOr<Reloadable::PutInForce> next = part.prepare(config);
    if (!next.ok()) {
      const std::string message =
          Concat({part.name, ": ", FromAbsl(next.status().message())});
      return absl::Status(next.status().code(), ToAbsl(message));
    }
    prepared.push_back(*std::move(next));
  }
  for (Reloadable::PutInForce& put_in_force : prepared) put_in_force();
  return absl::OkStatus();
}

}  // namespace tuco::app
