// What only a whole header block shows, and the grammar does not.

#ifndef TUCO_SERVER_HTTP_HEAD_CHECK_H_
#define TUCO_SERVER_HTTP_HEAD_CHECK_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "server/http/message.h"
#include "server/http/refusal.h"

namespace tuco::http {

struct FieldsCheck {
  Refusal refusal;
  bool expects_continue = false;  // `Expect: 100-continue` in HTTP/1.1.
};

// One Host, an authority by its looks; at most one of Content-Length and
// Transfer-Encoding, the latter exactly `chunked` and not in HTTP/1.0; no
// expectation but 100-continue. `chunked` is what the parser took it for.
FieldsCheck CheckFields(std::span<const Header> headers, bool http_1_0,
                        bool chunked);

struct TargetCheck {
  Refusal refusal;
  std::size_t path = 0;  // Where the path begins in the target.
};

// A path, `*`, or the absolute form, which every server takes (RFC 9112,
// 3.2.2); which host that names is of no interest here. No fragment.
TargetCheck CheckTarget(std::string_view target);

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_HEAD_CHECK_H_
