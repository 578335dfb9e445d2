#include "server/cli/finding_text.h"

#include "tuco/strings.h"

namespace tuco::cli {

std::string FindingLine(bool certain, std::string_view kind,
                        std::string_view secret_name, std::string_view text) {
  std::string line = Concat({certain ? "certain " : "hint ", kind});
  if (!secret_name.empty()) line += Concat({" (secret ", secret_name, ")"});
  return Concat({line, ": ", text});
}

}  // namespace tuco::cli
