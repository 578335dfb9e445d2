// Explains why a signature does not match: what would have to be different for
// it to match.
//
//   for (const tuco::Finding& finding : tuco::Explain(body, header, secrets))
//     std::cerr << finding.text << '\n';
//
// For people who look for a mistake, never for accepting anything: an
// explanation is not a verdict, and nothing here makes a VerifiedDelivery. It
// tries secrets that are revoked and bodies that nobody received.
//
// How it works: the signature, read in every spelling that it may have, is
// compared in constant time with the tags that likely mistakes lead to.
//
//   what is tried, in this order        findings
//   secret, body                        SIGNATURE_MATCHES
//   secret, changed body                BODY_…, TIMESTAMP_SIGNED
//   changed secret, body                SECRET_…
//   no key, swapped key                 UNKEYED_DIGEST, KEY_AND_BODY_SWAPPED
//   changed secret, changed body        COMBINATION
//
// The body is what arrived, byte for byte: of one that is genuine only in
// canonical form this says which change leads there. It ends with the first row
// in which something matches; the form of the signature joins a COMBINATION as
// well. When nothing does there are only hints, or nothing.

#ifndef TUCO_SIGNATURE_DOCTOR_H_
#define TUCO_SIGNATURE_DOCTOR_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "tuco/finding.h"
#include "tuco/signature_verifier.h"

namespace tuco {

// Of a larger body, only whether it matches and the signature's form.
inline constexpr std::size_t kDoctorBodyBytesMax = std::size_t{1} << 20;
// Secrets beyond that number are not tried.
inline constexpr std::size_t kDoctorSecretsMax = 64;
// How many tags are computed at most, and over how many bytes; the first row
// is not counted.
inline constexpr std::size_t kDoctorTagsMax = 400;
inline constexpr std::size_t kDoctorTagBytesMax = std::size_t{64} << 20;

// Of a delivery that is genuine as it arrived, only SIGNATURE_MATCHES.
// `secrets` are all that the signature may have been made with: active, old,
// another endpoint's; empty ones are passed over. `signature` is the value of
// X-Tuco-Signature.
//
// Safe for concurrent use. What it derives from a secret is wiped.
std::vector<Finding> Explain(std::string_view body, std::string_view signature,
                             const std::vector<Secret>& secrets);

// The same with the value of X-Tuco-Timestamp, for senders that sign it too.
std::vector<Finding> Explain(std::string_view body, std::string_view signature,
                             const std::vector<Secret>& secrets,
                             std::optional<std::string_view> timestamp_header);

}  // namespace tuco

#endif  // TUCO_SIGNATURE_DOCTOR_H_
