// From a delivery to a flagged event: the one path that the ingress and
// VerifyAndParse share, so that they cannot give different answers.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RECEIVER_VERIFICATION_H_
#define TUCO_SERVER_RECEIVER_VERIFICATION_H_

#include <span>
#include <vector>

#include "server/receiver/delivery.h"
#include "server/receiver/endpoints.h"
#include "tuco/event.h"
#include "tuco/signature_verifier.h"

namespace tuco::receiver {

// Whether `delivery` is genuine under the secrets of `endpoint`.
Verdict Verify(const Delivery& delivery, const Endpoint& endpoint,
               VerifyMode mode);

// What Verify says of each of `deliveries`, in their order; many together
// take less time than one after the other.
std::vector<Verdict> VerifyMany(std::span<const Delivery* const> deliveries,
                                const Endpoint& endpoint, VerifyMode mode);

// The event in `verified`, which came as `delivery`, with the flags that need
// the headers, the endpoint or the time of arrival.
Event ReadEvent(const VerifiedDelivery& verified, const Delivery& delivery,
                const Endpoint& endpoint);

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_VERIFICATION_H_
