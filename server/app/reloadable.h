// Parts of a server that take new settings while it serves.
//
// In two steps, so that either all of them take the new settings or none does:
// first each one reads and checks what it needs, then each one puts it in
// force, which cannot fail any more.

#ifndef TUCO_SERVER_APP_RELOADABLE_H_
#define TUCO_SERVER_APP_RELOADABLE_H_

#include <functional>
#include <span>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/serve_config.h"

namespace tuco::app {

struct Reloadable {
  using PutInForce = absl::AnyInvocable<void()>;

  // What messages call it, such as `certificates`.
  std::string name;
  // Reads what `config` names, checks it and changes nothing; what it returns
  // is called at once, or never.
  std::function<absl::StatusOr<PutInForce>(const ServeConfig& config)> prepare;
};

// Reloads all of `parts`, or none: the status of the first one that cannot, its
// name before the message.
absl::Status ReloadAll(std::span<const Reloadable> parts,
                       const ServeConfig& config);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_RELOADABLE_H_
