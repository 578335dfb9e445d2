#include "server/cli/verify.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <streambuf>
#include <string>
#include <system_error>
#include <vector>

#include "server/base/status_macros.h"
#include "server/cli/delivery_line.h"
#include "server/cli/environment.h"
#include "server/cli/exit_codes.h"
#include "server/cli/secret_source.h"
#include "server/cli/verify_check.h"
#include "tuco/event_id.h"
#include "tuco/signature_verifier.h"
#include "tuco/strings.h"
#include "tuco/wiped_secrets.h"

namespace tuco::cli {
namespace {

// More than any endpoint takes, and base64 makes a third more of it.
constexpr std::size_t kInputBytesMax = 64 << 20;

// The name that events give the one secret; a server's has its own.
constexpr const char* kSecretName = "main";
// That explanations give the one that was set aside for the line's own.
constexpr const char* kOtherSecretName = "other";

constexpr const char* kFooter =
    R"(Without --input the body is read from stdin, byte for byte, and
--signature is the value of its X-Tuco-Signature. With --input each line is
a delivery,
  {"name"?, "secret"?, "headers": {…}, "body": "…" | "bodyBase64": "…"}
and for each a line of JSON with the keys name, genuine, verifiedForm, reason
and event is written; that is also what `tail --output raw` prints.

--explain says what would have to be different for a delivery that is not
genuine to be so: with --output json or --input on stderr, after the line's
name. docs/verification.md lists what it may find.

The secret comes from the line, else --secret-file, else TUCO_WEBHOOK_SECRET,
else the file that TUCO_WEBHOOK_SECRET_FILE names.

Exit code: 0 genuine (all of them), 1 not (some of them), 2 wrong usage or a
line that cannot be read, after which the rest is left.

Examples:
  tuco-events verify --secret-file secret.txt --signature $SIGNATURE < body
  tuco-events verify --explain --signature $SIGNATURE < body
  tuco-events verify --input deliveries.ndjson
  tuco-events tail --from earliest --no-follow --output raw |
    tuco-events verify --input - --secret-file secret.txt)";

// The command line as it was given.
struct VerifyFlags {
  std::string secret_file;
  std::string signature;
  std::string endpoint = std::string(kDefaultEndpoint);
  std::string input;
  std::string output = "text";
  bool explain = false;
};

absl::Status TooLarge() {
  return absl::InvalidArgumentError("larger than 64 MiB");
}

// Reads up to a line break or the end; whether there was anything.
absl::StatusOr<bool> ReadLine(std::streambuf& input, std::string& line) {
  using Traits = std::streambuf::traits_type;
  line.clear();
  while (true) {
    const auto next = input.sbumpc();
    if (Traits::eq_int_type(next, Traits::eof())) return !line.empty();
    if (next == '\n') return true;
    if (line.size() == kInputBytesMax) return TooLarge();
    line += Traits::to_char_type(next);
  }
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

absl::StatusOr<VerifyResult> Verify(const DeliveryLine& delivery,
                                    const VerifyContext& context) {
  const std::string& secret =
      delivery.secret.empty() ? context.secret : delivery.secret;
  if (secret.empty()) {
    return absl::InvalidArgumentError(
        "no secret; add \"secret\" to the line, give --secret-file FILE, or "
        "set TUCO_WEBHOOK_SECRET or TUCO_WEBHOOK_SECRET_FILE");
  }
  TUCO_ASSIGN_OR_RETURN(
      const SignatureVerifier verifier,
      SignatureVerifier::Create({{kSecretName, secret}}, context.endpoint));
  return CheckDelivery(delivery, verifier);
}

std::vector<std::string> Explanation(const DeliveryLine& delivery,
                                     const VerifyContext& context) {
  WipedSecrets secrets;
  if (!delivery.secret.empty()) secrets.Add(kSecretName, delivery.secret);
  if (!context.secret.empty()) {
    secrets.Add(delivery.secret.empty() ? kSecretName : kOtherSecretName,
                context.secret);
  }
  return FindingLines(ExplainDelivery(delivery, secrets.all()));
}

absl::StatusOr<VerifyContext> MakeContext(const VerifyFlags& flags) {
  VerifyContext context{.endpoint = flags.endpoint, .explain = flags.explain};
  auto secret = FindSecret({.file = flags.secret_file}, ProcessEnvironment());
  const bool lines_may_have_it = !flags.input.empty();
  if (secret.ok()) {
    context.secret = *std::move(secret);
  } else if (!absl::IsNotFound(secret.status()) || !lines_may_have_it) {
    return secret.status();
  }
  return context;
}

int VerifyInput(const std::string& path, const VerifyContext& context) {
  FdOutput output(STDOUT_FILENO);
  if (path == "-") return VerifyLines(std::cin, context, output);
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open() || std::filesystem::is_directory(path, error)) {
    return Fail(kExitUsage,
                Concat({"cannot read --input ", path,
                        ": expected a file that can be read, or -"}));
  }
  return VerifyLines(file, context, output);
}

absl::StatusOr<std::string> ReadBody() {
  std::string body;
  std::string buffer(1 << 16, '\0');
  while (std::cin.good()) {
    std::cin.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    body.append(buffer, 0, static_cast<std::size_t>(std::cin.gcount()));
    if (body.size() > kInputBytesMax) return TooLarge();
  }
  return body;
}

int PrintResult(const VerifyFlags& flags, const VerifyResult& result,
                const std::vector<std::string>& explanation) {
  const bool json = flags.output == "json";
  std::string text = json ? ResultJson(result) : ResultText(result);
  for (const std::string& line : explanation) {
    if (json) {
      Notice(line);
    } else {
      text += Concat({"finding      ", line, "\n"});
    }
  }
  return Print(text, result.genuine() ? kExitOk : kExitNegative);
}

int VerifyBody(const VerifyFlags& flags, const VerifyContext& context) {
  auto body = ReadBody();
  if (!body.ok()) return Fail(kExitUsage, body.status());
  const DeliveryLine delivery{
      .signatures = 1, .signature = flags.signature, .body = *std::move(body)};
  const absl::StatusOr<VerifyResult> result = Verify(delivery, context);
  if (!result.ok()) return Fail(kExitUsage, result.status());
  std::vector<std::string> explanation;
  if (context.explain && !result->genuine()) {
    explanation = Explanation(delivery, context);
  }
  return PrintResult(flags, *result, explanation);
}

int RunVerify(const VerifyFlags& flags) {
  if (flags.input.empty() && flags.signature.empty()) {
    return Fail(kExitUsage,
                "verify needs --signature HEX and the body on stdin, or "
                "--input FILE with deliveries");
  }
  const absl::StatusOr<VerifyContext> context = MakeContext(flags);
  if (!context.ok()) return Fail(kExitUsage, context.status());
  return flags.input.empty() ? VerifyBody(flags, *context)
                             : VerifyInput(flags.input, *context);
}

// Names the delivery by its line where it has no name.
void NoticeFindings(std::size_t number, const DeliveryLine& delivery,
                    const VerifyContext& context) {
  const std::string name = delivery.name.empty()
                               ? Concat({"line ", std::to_string(number)})
                               : delivery.name;
  for (const std::string& line : Explanation(delivery, context)) {
    Notice(Concat({name, ": ", line}));
  }
}

}  // namespace

int VerifyLines(std::istream& input, const VerifyContext& context,
                Output& output) {
  const auto fail = [](std::size_t number, const absl::Status& status) {
    return Fail(kExitUsage, Concat({"line ", std::to_string(number), ": ",
                                    FromAbsl(status.message())}));
  };
  int exit_code = kExitOk;
  std::string line;
  for (std::size_t number = 1;; ++number) {
    const absl::StatusOr<bool> more = ReadLine(*input.rdbuf(), line);
    if (!more.ok()) return fail(number, more.status());
    if (!*more) return exit_code;
    if (IsBlank(line)) continue;
    const auto delivery = ParseDeliveryLine(line);
    if (!delivery.ok()) return fail(number, delivery.status());
    const auto result = Verify(*delivery, context);
    if (!result.ok()) return fail(number, result.status());
    if (!result->genuine()) {
      exit_code = kExitNegative;
      if (context.explain) NoticeFindings(number, *delivery, context);
    }
    const WriteResult written =
        output.Write(NamedResultJson(delivery->name, *result));
    if (written != WriteResult::kWritten) return ExitCodeOf(written);
  }
}

void AddVerify(Command parent) {
  const auto flags = std::make_shared<VerifyFlags>();
  const Command command =
      parent.AddCommand("verify", "Tell whether deliveries are genuine");
  command.AddOption("--secret-file", flags->secret_file,
                    "File that holds the signing secret");
  const Option signature = command.AddOption("--signature", flags->signature,
                                             "The value of X-Tuco-Signature");
  command
      .AddOption("--endpoint", flags->endpoint,
                 "The endpoint, part of the event's id")
      .ShowDefault();
  command
      .AddOption("--input", flags->input,
                 "File of deliveries, one a line; - is stdin")
      .Excludes(signature);
  command.AddFlag("--explain", flags->explain,
                  "Say what would have to be different to be genuine");
  command
      .AddOption("--output", flags->output,
                 "text or json; --input always gives json")
      .OneOf({"text", "json"})
      .ShowDefault();
  command.SetFooter(kFooter);
  command.SetAction([flags] { return RunVerify(*flags); });
}

}  // namespace tuco::cli
