// How large a request may be, and what connections and calls may take.

#ifndef TUCO_SERVER_RPC_LIMITS_H_
#define TUCO_SERVER_RPC_LIMITS_H_

#include <chrono>
#include <cstddef>

namespace tuco::rpc {

// Of one batch: its deliveries, and the bytes of their bodies together.
inline constexpr int kBatchDeliveriesMax = 1024;
inline constexpr std::size_t kBatchBodyBytesMax = std::size_t{4} << 20;

// Of any request's message: the largest batch, and for each of its deliveries
// 1 KiB of headers and framing.
inline constexpr int kRequestBytesMax =
    int{kBatchBodyBytesMax} + kBatchDeliveriesMax * 1024;

// Of any one list of a filter: its entries.
inline constexpr int kFilterEntriesMax = 1'000;

// Of one page of events or of the quarantine: its entries.
inline constexpr int kPageSizeDefault = 100;
inline constexpr int kPageSizeMax = 1000;

// Of one call that changes quarantined deliveries: the ids that it names.
inline constexpr int kQuarantineIdsMax = 1000;

// Of a subscription: the characters of its name, and the bytes of its settings,
// filter and all.
inline constexpr std::size_t kSubscriptionNameMax = 100;
inline constexpr std::size_t kSubscriptionBytesMax = std::size_t{64} << 10;

// Of one page of subscriptions: its bytes, beyond which it ends. Clients refuse
// messages above 4 MiB.
inline constexpr std::size_t kSubscriptionPageBytesMax = std::size_t{3} << 20;

// Of the server: its connections, and the calls on one of them at a time.
inline constexpr std::size_t kConnectionsMax = 1'000;
inline constexpr int kConcurrentStreamsMax = 100;

// Of a connection. It is pinged when it was silent for kKeepaliveTime, and
// counts as dead when that is not answered. Who connects must have said who
// they are, and that they speak HTTP/2, within kHandshakeTimeout.
inline constexpr std::chrono::seconds kKeepaliveTime{30};
inline constexpr std::chrono::seconds kKeepaliveTimeout{10};
inline constexpr std::chrono::seconds kClientPingIntervalMin{10};
inline constexpr std::chrono::seconds kHandshakeTimeout{5};
// One without calls is closed.
inline constexpr std::chrono::minutes kConnectionIdleMax{5};
// Later calls are told to use another one (GOAWAY), so that certificates and
// load balancers get a say again. Streams are left alone: they are to follow
// for ever, and are cut only where they outlive the grace as well.
inline constexpr std::chrono::minutes kConnectionAgeMax{30};
inline constexpr std::chrono::hours kConnectionAgeGrace{24};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_LIMITS_H_
