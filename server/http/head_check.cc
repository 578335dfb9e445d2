#include "server/http/head_check.h"

#include <algorithm>

namespace tuco::http {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// `lower` is in lower case.
bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return Lower(a) == b; });
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  return EqualsIgnoringCase(text.substr(0, lower.size()), lower);
}

// RFC 9112, 3.2: what can be no authority is refused.
bool IsPlausibleHost(std::string_view host) {
  return host.find_first_of(" \t,/\\?#@<>\"") == std::string_view::npos;
}

struct Counts {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  int expectations = 0;
};

// Counts the field, and looks at its value.
Refusal CheckField(const Header& header, Counts& counts) {
  const auto& [name, value] = header;
  if (name == "host") {
    ++counts.hosts;
    if (!IsPlausibleHost(value)) return {400, "a Host that names no host"};
  } else if (name == "content-length") {
    ++counts.lengths;
  } else if (name == "transfer-encoding") {
    ++counts.codings;
    if (!EqualsIgnoringCase(value, "chunked")) {
      return {400, "a Transfer-Encoding other than chunked"};
    }
  } else if (name == "expect") {
    ++counts.expectations;
    if (!EqualsIgnoringCase(value, "100-continue")) {
      return {417, "an expectation other than 100-continue"};
    }
  }
  return {};
}

Refusal CheckCounts(const Counts& counts, bool http_1_0, bool chunked) {
  if (counts.hosts > 1) return {400, "more than one Host"};
  if (counts.hosts == 0 && !http_1_0) return {400, "no Host"};
  if (counts.lengths > 1) return {400, "more than one Content-Length"};
  if (counts.codings > 1) return {400, "more than one Transfer-Encoding"};
  if (counts.lengths == 1 && counts.codings == 1) {
    return {400, "both Content-Length and Transfer-Encoding"};
  }
  if (counts.codings == 1 && http_1_0) {
    return {400, "Transfer-Encoding in HTTP/1.0"};
  }
  if ((counts.codings == 1) != chunked) {
    return {400, "an unclear Transfer-Encoding"};
  }
  return {};
}

}  // namespace

FieldsCheck CheckFields(std::span<const Header> headers, bool http_1_0,
                        bool chunked) {
  Counts counts;
  for (const Header& header : headers) {
    if (const Refusal refusal = CheckField(header, counts)) return {refusal};
  }
  // A client of HTTP/1.0 does not know what 100 means.
  return {CheckCounts(counts, http_1_0, chunked),
          counts.expectations > 0 && !http_1_0};
}

TargetCheck CheckTarget(std::string_view target) {
  if (target.find('#') != std::string_view::npos) {
    return {{400, "a fragment in the target"}};
  }
  if (target.starts_with('/') || target == "*") return {};
  const std::size_t scheme = StartsWithIgnoringCase(target, "http://")    ? 7
                             : StartsWithIgnoringCase(target, "https://") ? 8
                                                                          : 0;
  if (scheme == 0) return {{400, "a target that is not a path"}};
  const std::size_t path = target.find_first_of("/?", scheme);
  if (path == std::string_view::npos || target[path] == '?') {
    return {{400, "an absolute target without a path"}};
  }
  return {{}, path};
}

}  // namespace tuco::http
