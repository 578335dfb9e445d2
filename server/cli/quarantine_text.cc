#include "server/cli/quarantine_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "server/cli/columns.h"
#include "server/cli/finding_text.h"
#include "server/cli/terminal_text.h"
#include "server/cli/utf8.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

constexpr std::size_t kIdWidth = 8;
constexpr std::size_t kStateWidth = 9;
constexpr std::size_t kVerifiedWidth = 10;
constexpr std::size_t kReasonWidth = 20;
constexpr std::size_t kEndpointWidth = 8;
constexpr std::size_t kSourceWidth = 15;
constexpr std::size_t kBytesWidth = 7;
constexpr std::size_t kLabelWidth = 13;

// The name of an enum's value without the enum's; of one that this version
// does not know, its number.
std::string ShortName(const std::string& name, std::string_view prefix,
                      int number) {
  return name.empty() ? std::to_string(number) : name.substr(prefix.size());
}

std::string StateText(pb::QuarantineState state) {
  return ShortName(pb::QuarantineState_Name(state), "QUARANTINE_STATE_", state);
}

std::string StateText(const pb::QuarantinedDelivery& delivery) {
  const bool held = delivery.state() == pb::QUARANTINE_STATE_HELD;
  return held && delivery.held_back() ? "HELD BACK"
                                      : StateText(delivery.state());
}

std::string ReasonText(pb::Reason reason) {
  return ShortName(pb::Reason_Name(reason), "REASON_", reason);
}

std::string_view VerifiedText(const pb::QuarantinedDelivery& delivery) {
  return delivery.verified() ? "verified" : "unverified";
}

std::string Join(const std::array<std::string, 8>& columns) {
  std::string line;
  for (const std::string& column : columns) {
    line += Concat({line.empty() ? "" : "  ", column});
  }
  return line + "\n";
}

std::string Row(std::string_view label, std::string_view value) {
  return Concat({PadRight(std::string(label), kLabelWidth), value, "\n"});
}

std::string FindingRow(const pb::Finding& finding) {
  const bool certain = finding.certainty() == pb::CERTAINTY_CERTAIN;
  const std::string kind = ShortName(pb::FindingKind_Name(finding.kind()),
                                     "FINDING_KIND_", finding.kind());
  return Row("finding",
             EscapeForTerminal(FindingLine(certain, kind, finding.secret_name(),
                                           finding.text())));
}

std::string FindingRows(const pb::GetQuarantinedResponse& response) {
  if (response.delivery().verified() || !response.delivery().has_body()) {
    return "";
  }
  if (response.findings().empty()) return Row("finding", kNoFinding);
  std::string rows;
  for (const pb::Finding& finding : response.findings()) {
    rows += FindingRow(finding);
  }
  return rows;
}

// A row for each line, so that none can pass for one of ours.
std::string LinesOfBody(std::string_view body) {
  std::string rows;
  while (!body.empty()) {
    const std::string_view line = body.substr(0, body.find('\n'));
    rows += Row(rows.empty() ? "body" : "", EscapeForTerminal(line));
    body.remove_prefix(std::min(body.size(), line.size() + 1));
  }
  return rows;
}

std::string BodyRows(const pb::QuarantinedDelivery& delivery) {
  if (delivery.state() != pb::QUARANTINE_STATE_HELD) {
    return Row("body", "not kept any more");
  }
  if (!delivery.has_body()) {
    return Row("body", "not kept, since its source sent too much");
  }
  if (delivery.body().empty()) return Row("body", "empty");
  if (!IsUtf8(delivery.body())) {
    return Row("body", "no text; --output raw writes it as it is");
  }
  return LinesOfBody(delivery.body());
}

// What became of it.
std::string OutcomeRows(const pb::QuarantinedDelivery& delivery) {
  std::string rows = Row("state", StateText(delivery));
  if (delivery.has_settled_at()) {
    rows += Row("settled", TimeColumn(delivery.settled_at()));
  }
  if (delivery.has_sequence()) {
    rows += Row("sequence", std::to_string(delivery.sequence()));
  }
  return rows;
}

}  // namespace

std::string QuarantineHeading() {
  return Join(
      {PadRight("ID", kIdWidth), PadRight("STATE", kStateWidth),
       PadRight("VERIFIED", kVerifiedWidth), PadRight("RECEIVED", kTimeWidth),
       PadRight("REASON", kReasonWidth), PadRight("ENDPOINT", kEndpointWidth),
       PadRight("SOURCE", kSourceWidth), PadLeft("BYTES", kBytesWidth)});
}

std::string QuarantineLine(const pb::QuarantinedDelivery& delivery) {
  return Join({PadRight(Word(delivery.id()), kIdWidth),
               PadRight(StateText(delivery), kStateWidth),
               PadRight(std::string(VerifiedText(delivery)), kVerifiedWidth),
               TimeColumn(delivery.received_at()),
               PadRight(ReasonText(delivery.reason()), kReasonWidth),
               PadRight(Word(delivery.endpoint()), kEndpointWidth),
               PadRight(Word(delivery.source()), kSourceWidth),
               PadLeft(std::to_string(delivery.body_bytes()), kBytesWidth)});
}

std::string QuarantineDetails(const pb::GetQuarantinedResponse& response) {
  const pb::QuarantinedDelivery& delivery = response.delivery();
  std::string text =
      Concat({Row("id", Word(delivery.id())), OutcomeRows(delivery),
              Row("verified", delivery.verified() ? "yes" : "no"),
              Row("received", TimeColumn(delivery.received_at())),
              Row("reason", ReasonText(delivery.reason())),
              Row("endpoint", Word(delivery.endpoint())),
              Row("source", Word(delivery.source())),
              Row("bytes", std::to_string(delivery.body_bytes())),
              FindingRows(response)});
  for (const pb::HttpHeader& header : delivery.headers()) {
    text +=
        Row("header",
            EscapeForTerminal(Concat({header.name(), ": ", header.value()})));
  }
  return text + BodyRows(delivery);
}

std::string QuarantineResultLine(const pb::QuarantineResult& result) {
  std::string line =
      Concat({Word(result.id()), "  ", StateText(result.state())});
  if (result.has_sequence()) {
    line += Concat({"  sequence ", std::to_string(result.sequence())});
  }
  return line + "\n";
}

}  // namespace tuco::cli
