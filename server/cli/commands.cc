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

void AddCommands(CLI::App& app, int& exit_code) {
  AddSend(app, exit_code);
  AddTail(app, exit_code);
  AddVerify(app, exit_code);
  AddSubscriptions(app, exit_code);
  AddQuarantine(app, exit_code);
  AddStats(app, exit_code);
  AddSecret(app, exit_code);
  AddVersion(app, exit_code);
}

}  // namespace tuco::cli
