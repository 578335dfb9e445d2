#include "server/cli/verify_check.h"

#include "proto/event_codec.h"
#include "server/cli/finding_text.h"
#include "server/cli/json_text.h"
#include "server/cli/terminal_text.h"
#include "tuco/event_parser.h"
#include "tuco/signature_doctor.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::cli {
namespace {

constexpr std::size_t kTextPointsMax = 160;

Verdict Judge(const DeliveryLine& delivery, const SignatureVerifier& verifier) {
  if (delivery.signatures == 0) {
    return Verdict::Rejected(Reason::kSignatureMissing);
  }
  if (delivery.signatures > 1) {
    return Verdict::Rejected(Reason::kSignatureRepeated);
  }
  return verifier.Verify(delivery.body, delivery.signature);
}

// As the server flags it: by name, and by instant rather than by spelling.
bool HeadersDiffer(const DeliveryLine& delivery, const Event& event) {
  if (delivery.event_header.has_value() &&
      *delivery.event_header != event.type_name) {
    return true;
  }
  return delivery.timestamp_header.has_value() &&
         ParseTimestamp(*delivery.timestamp_header) != event.occurred_at;
}

std::string_view FormName(VerifiedForm form) {
  return form == VerifiedForm::kCanonical ? "CANONICAL" : "RAW";
}

std::string_view Advice(Reason reason) {
  switch (reason) {
    case Reason::kSignatureMissing:
      return "there is no X-Tuco-Signature";
    case Reason::kSignatureRepeated:
      return "X-Tuco-Signature came more than once";
    case Reason::kSignatureMalformed:
      return "X-Tuco-Signature is 64 hexadecimal digits and nothing else";
    default:
      return "the secret does not give this signature for this body: check "
             "that it is this webhook's secret, and that the body is what "
             "arrived, byte for byte";
  }
}

std::string FlagsText(Flags flags) {
  std::string text;
  for (unsigned bit = 0; bit < 32; ++bit) {
    const auto flag = static_cast<Flag>(bit);
    if (!flags.Has(flag)) continue;
    text += Concat({text.empty() ? "" : " ", FlagName(flag)});
  }
  return text;
}

void AddLine(std::string_view label, const std::optional<std::string>& value,
             std::string& text) {
  if (!value.has_value() || value->empty()) return;
  text += Concat({label, QuoteForTerminal(*value, kTextPointsMax), "\n"});
}

std::string Summary(const Event& event) {
  std::string text = Concat({"genuine     ", FormName(event.verified_form),
                             "\nevent id    ", event.event_id, "\n"});
  if (event.occurred_at.has_value()) {
    text += Concat({"occurred    ", FormatTimestamp(*event.occurred_at), "\n"});
  }
  AddLine("event       ", event.type_name, text);
  AddLine("workspace   ", event.workspace_id, text);
  AddLine("message id  ", event.message.id, text);
  AddLine("phone       ", event.contact.phone, text);
  AddLine("text        ", event.message.text, text);
  if (event.opt_out.value_or(false)) text += "opt-out     yes\n";
  if (!event.flags.Empty()) {
    text += Concat({"flags       ", FlagsText(event.flags), "\n"});
  }
  return text;
}

// The four members, without braces.
std::string Members(const VerifyResult& result) {
  if (!result.genuine()) {
    return Concat({"\"genuine\":false,\"verifiedForm\":null,\"reason\":\"",
                   ReasonName(result.reason), "\",\"event\":null"});
  }
  return Concat({"\"genuine\":true,\"verifiedForm\":\"",
                 FormName(result.event->verified_form),
                 "\",\"reason\":null,\"event\":",
                 proto::ToJson(proto::ToProto(*result.event))});
}

}  // namespace

VerifyResult CheckDelivery(const DeliveryLine& delivery,
                           const SignatureVerifier& verifier) {
  const Verdict verdict = Judge(delivery, verifier);
  if (!verdict.genuine()) return {.reason = verdict.reason()};
  Event event = ParseEvent(verdict.delivery());
  if (HeadersDiffer(delivery, event)) event.flags.Add(Flag::kHeaderMismatch);
  return {.event = std::move(event)};
}

std::vector<Finding> ExplainDelivery(const DeliveryLine& delivery,
                                     const std::vector<Secret>& secrets) {
  if (delivery.signatures > 1) {
    return {HintFinding(FindingKind::kSignatureRepeated)};
  }
  std::optional<std::string_view> timestamp = delivery.timestamp_header;
  return Explain(delivery.body, delivery.signature, secrets, timestamp);
}

std::vector<std::string> FindingLines(const std::vector<Finding>& findings) {
  if (findings.empty()) return {std::string(kNoFinding)};
  std::vector<std::string> lines;
  lines.reserve(findings.size());
  for (const Finding& finding : findings) {
    lines.push_back(FindingLine(finding.certainty == Certainty::kCertain,
                                FindingKindName(finding.kind),
                                finding.secret_name, finding.text));
  }
  return lines;
}

std::string ResultText(const VerifyResult& result) {
  if (result.genuine()) return Summary(*result.event);
  return Concat({"not genuine  ", ReasonName(result.reason), ": ",
                 Advice(result.reason), "\n"});
}

std::string ResultJson(const VerifyResult& result) {
  return Concat({"{", Members(result), "}\n"});
}

std::string NamedResultJson(std::string_view name, const VerifyResult& result) {
  return Concat({"{\"name\":", name.empty() ? "null" : JsonString(name), ",",
                 Members(result), "}\n"});
}

}  // namespace tuco::cli
