#include "server/cli/commands.h"

#include "server/cli/quarantine.h"
#include "server/cli/secret_new.h"
#include "server/cli/send.h"
#include "server/cli/stats.h"
#include "server/cli/subscriptions.h"
#include "server/cli/tail.h"
#include "server/cli/verify.h"
#include "server/cli/version.h"

namespace tuco::cli {

void AddCommands(Command parent) {
  AddSend(parent);
  AddTail(parent);
  AddVerify(parent);
  AddSubscriptions(parent);
  AddQuarantine(parent);
  AddStats(parent);
  AddSecret(parent);
  AddVersion(parent);
}

}  // namespace tuco::cli
