// How many connections the process may have descriptors for.

#ifndef TUCO_SERVER_HTTP_DESCRIPTOR_LIMIT_H_
#define TUCO_SERVER_HTTP_DESCRIPTOR_LIMIT_H_

#include <cstddef>

namespace tuco::http {

// Raises the process's soft limit of descriptors, as far as the hard one goes,
// to what `connections` and everything else need. The number of connections
// for which there are descriptors: `connections`, or fewer.
std::size_t ReserveDescriptors(std::size_t connections);

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_DESCRIPTOR_LIMIT_H_
