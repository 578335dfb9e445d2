// Half of canonical_v8_test: of each JSON text answers the number of the
// refusal in one byte, and behind a 0 the canonical form.

#include <string>

#include "tuco/internal/canonical_writer.h"
#include "v8_frames.h"

int main() {
  std::string canonical;
  tuco::AnswerFrames([&](const std::string& text, std::string& out) {
    const auto refusal = tuco::internal::WriteCanonical(text, canonical);
    out.push_back(static_cast<char>(refusal));
    if (refusal == tuco::internal::CanonicalRefusal::kNone) out += canonical;
  });
}
