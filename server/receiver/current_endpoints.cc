#include "server/receiver/current_endpoints.h"

#include <utility>

namespace tuco::receiver {

CurrentEndpoints::CurrentEndpoints(Endpoints endpoints)
    : endpoints_(std::make_shared<const Endpoints>(std::move(endpoints))) {}

EndpointsPtr CurrentEndpoints::Get() const {
  const std::lock_guard lock(mutex_);
  return endpoints_;
}

void CurrentEndpoints::Replace(Endpoints next) {
  next.set_generation(generation_ + 1);
  next.InheritUses(*Get());
  EndpointsPtr replaced = std::make_shared<const Endpoints>(std::move(next));
  {
    const std::lock_guard lock(mutex_);
    endpoints_.swap(replaced);
    ++generation_;
  }
  // The old ones go here, unless somebody uses them: not under the lock.
}

}  // namespace tuco::receiver
