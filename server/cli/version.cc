#include "server/cli/version.h"

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>

#include <memory>

#include "server/cli/console.h"
#include "server/cli/exit_codes.h"
#include "server/cli/json_text.h"
#include "tuco/strings.h"

#ifndef TUCO_VERSION
#error "The build passes the project's version as TUCO_VERSION"
#endif

namespace tuco::cli {
namespace {

constexpr const char* kFooter = R"(Example:
  tuco-events version --output json)";

constexpr std::string_view Compiler() {
#ifdef __clang__
  return __VERSION__;  // Names itself.
#else
  return "GCC " __VERSION__;
#endif
}

std::string Protobuf() {
  return google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
}

}  // namespace

std::string_view Version() { return TUCO_VERSION; }

std::string VersionText() {
  return Concat({"tuco-events ", Version(), "\ncompiler    ", Compiler(),
                 "\ngRPC        ", grpc::Version(), "\nprotobuf    ",
                 Protobuf(), "\n"});
}

std::string VersionJson() {
  return Concat({"{\"version\":", JsonString(Version()),
                 ",\"compiler\":", JsonString(Compiler()),
                 ",\"grpc\":", JsonString(grpc::Version()),
                 ",\"protobuf\":", JsonString(Protobuf()), "}\n"});
}

void AddVersion(Command parent) {
  const auto output = std::make_shared<std::string>("text");
  const Command command =
      parent.AddCommand("version", "Print the version and what it is made of");
  command.AddOption("--output", *output, "text or json")
      .OneOf({"text", "json"})
      .ShowDefault();
  command.SetFooter(kFooter);
  command.SetAction([output] {
    return Print(*output == "json" ? VersionJson() : VersionText(), kExitOk);
  });
}

}  // namespace tuco::cli
