#include "server/rpc/quarantine_queries.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/receiver/quarantined_delivery.h"
#include "server/rpc/findings.h"
#include "server/rpc/paging.h"
#include "server/rpc/quarantine_entry.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

using States = std::bitset<pb::QuarantineState_ARRAYSIZE>;
using Reasons = std::bitset<pb::Reason_ARRAYSIZE>;

// The numbers that a list of the filter names; all when it names none.
template <std::size_t Size>
absl::StatusOr<std::bitset<Size>> ToSet(
    const char* field, const google::protobuf::RepeatedField<int>& numbers) {
  std::bitset<Size> set;
  for (const int number : numbers) {
    if (number < 1 || number >= int{Size}) {
      return proto::FieldViolation(field, "expected known values");
    }
    set.set(static_cast<std::size_t>(number));
  }
  return set.any() ? set : set.set();
}

// What QuarantineFilter says, read once for many entries.
class EntryFilter {
 public:
  static absl::StatusOr<EntryFilter> Create(const pb::QuarantineFilter& filter);

  bool Matches(const log::QuarantineEntry& entry) const {
    return Has(states_, static_cast<std::size_t>(entry.state)) &&
           Has(reasons_, entry.reason) &&
           (!filter_.has_verified() || filter_.verified() == entry.verified) &&
           (!filter_.has_source() ||
            filter_.source() == WellFormed(entry.source)) &&
           (!filter_.has_endpoint() ||
            filter_.endpoint() == WellFormed(entry.endpoint));
  }

 private:
  EntryFilter(const pb::QuarantineFilter& filter, States states,
              Reasons reasons)
      : filter_(filter), states_(states), reasons_(reasons) {}

  // A number that this version does not know matches no list.
  template <std::size_t Size>
  static bool Has(const std::bitset<Size>& set, std::size_t number) {
    return set.all() || (number < Size && set.test(number));
  }

  const pb::QuarantineFilter& filter_;  // The request's, which outlives this.
  States states_;
  Reasons reasons_;
};

absl::StatusOr<EntryFilter> EntryFilter::Create(
    const pb::QuarantineFilter& filter) {
  TUCO_ASSIGN_OR_RETURN(
      const States states,
      ToSet<pb::QuarantineState_ARRAYSIZE>("filter.states", filter.states()));
  TUCO_ASSIGN_OR_RETURN(
      const Reasons reasons,
      ToSet<pb::Reason_ARRAYSIZE>("filter.reasons", filter.reasons()));
  return EntryFilter(filter, states, reasons);
}

// A token is the id behind which its page begins.
absl::StatusOr<std::uint64_t> PageStart(const std::string& token) {
  if (token.empty()) return 0;
  absl::StatusOr<std::uint64_t> after = receiver::ParseQuarantineId(token);
  if (after.ok()) return after;
  return PageTokenViolation();
}

}  // namespace

absl::Status AnswerList(receiver::Quarantine& quarantine,
                        const pb::ListQuarantineRequest& request,
                        pb::ListQuarantineResponse& response) {
  TUCO_ASSIGN_OR_RETURN(const std::size_t page_size, PageSize(request));
  TUCO_ASSIGN_OR_RETURN(std::uint64_t after, PageStart(request.page_token()));
  TUCO_ASSIGN_OR_RETURN(const EntryFilter filter,
                        EntryFilter::Create(request.filter()));
  std::size_t found = 0;
  while (found < page_size) {
    TUCO_ASSIGN_OR_RETURN(
        const receiver::Quarantine::Page page,
        quarantine.List(after, page_size - found,
                        [&filter](const log::QuarantineEntry& entry) {
                          return filter.Matches(entry);
                        }));
    for (const log::QuarantineEntry& entry : page.entries) {
      *response.add_deliveries() = Summary(entry);
    }
    if (page.scanned_through == after) return absl::OkStatus();
    after = page.scanned_through;
    found += page.entries.size();
  }
  response.set_next_page_token(receiver::QuarantineIdText(after));
  return absl::OkStatus();
}

absl::Status AnswerGet(receiver::Quarantine& quarantine,
                       const pb::GetQuarantinedRequest& request,
                       pb::GetQuarantinedResponse& response) {
  const absl::StatusOr<std::uint64_t> id =
      receiver::ParseQuarantineId(request.id());
  if (!id.ok()) {
    return proto::FieldViolation("id", FromAbsl(id.status().message()));
  }
  TUCO_ASSIGN_OR_RETURN(const log::QuarantineEntry entry, quarantine.Get(*id));
  *response.mutable_delivery() = Details(entry);
  if (request.explain() && !entry.verified && entry.body.has_value()) {
    AddFindings(quarantine.Explain(entry), *response.mutable_findings());
  }
  return absl::OkStatus();
}

}  // namespace tuco::rpc
