// What a user of the installed library writes: verifies the delivery on
// standard input, and prints its event.
//
//   verify_sample SECRET SIGNATURE < body

#include <iostream>
#include <iterator>
#include <string>

#include "tuco/event_parser.h"
#include "tuco/signature_verifier.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string body{std::istreambuf_iterator<char>(std::cin), {}};
  const auto verifier = tuco::SignatureVerifier::Create({{"main", argv[1]}});
  if (!verifier.ok()) return 2;
  const tuco::Verdict verdict = verifier->Verify(body, argv[2]);
  if (!verdict.genuine()) {
    std::cout << tuco::ReasonName(verdict.reason()) << '\n';
    return 1;
  }
  const tuco::Event event = tuco::ParseEvent(verdict.delivery());
  std::cout << event.event_id << ' ' << event.type_name << '\n';
  return 0;
}
