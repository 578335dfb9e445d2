// A consumer's end of its subscription, for whichever thread serves it.

#ifndef TUCO_SERVER_STREAM_CONSUMER_HANDLE_H_
#define TUCO_SERVER_STREAM_CONSUMER_HANDLE_H_

#include <functional>
#include <memory>

#include "server/stream/consumer.h"
#include "server/stream/shared_subscription.h"
#include "server/stream/subscription_thread.h"

namespace tuco::stream {

// Hands every call over to `thread`, on which `subscription` lives and knows
// the consumer as `id`. Both are shared, because a consumer may outlive what
// made it by the moment that it takes it to learn of that. `gone` is called on
// the thread when the consumer is destroyed.
std::unique_ptr<Consumer> MakeConsumerHandle(
    std::shared_ptr<SubscriptionThread> thread,
    std::shared_ptr<SharedSubscription> subscription, ConsumerId id,
    std::function<void()> gone);

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_CONSUMER_HANDLE_H_
