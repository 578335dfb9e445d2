#include "server/rpc/findings.h"

namespace tuco::rpc {

namespace pb = events::v1;

void AddFindings(std::span<const Finding> findings,
                 google::protobuf::RepeatedPtrField<pb::Finding>& added) {
  added.Reserve(added.size() + static_cast<int>(findings.size()));
  for (const Finding& finding : findings) {
    pb::Finding& message = *added.Add();
    message.set_kind(static_cast<pb::FindingKind>(finding.kind));
    message.set_certainty(static_cast<pb::Certainty>(finding.certainty));
    message.set_secret_name(finding.secret_name);
    message.set_text(finding.text);
  }
}

}  // namespace tuco::rpc
