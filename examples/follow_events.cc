// Prints the replies in a server's log that it has not printed before:
//
//   follow_events ADDRESS FILE
//
// FILE remembers the last one. docs/streaming.md shows this program.

#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <variant>

#include "server/client/subscriber.h"

namespace client = tuco::client;

// Where the last run stopped; without one, the beginning.
client::Position StoredPosition(const std::string& file) {
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  if (!(std::ifstream(file) >> sequence >> epoch)) return client::Earliest{};
  return client::AfterSequence{sequence, epoch};
}

void Tell(const client::Notice& notice) {
  if (const auto* const gap = std::get_if<client::Gap>(&notice)) {
    std::cerr << "events " << gap->from_sequence << " to " << gap->to_sequence
              << " are missing\n";
  } else if (const auto* const drop =
                 std::get_if<client::Reconnecting>(&notice)) {
    std::cerr << "reconnecting: " << drop->cause << '\n';
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string file = argv[2];
  client::SubscriberOptions options;
  options.address = argv[1];
  options.position = StoredPosition(file);
  options.filter.types = {tuco::EventType::kMessageReply};
  options.stop_at_end = true;  // Without it, Run waits for new events.

  const auto subscriber = client::Subscriber::Create(options);
  if (!subscriber.ok()) {
    std::cerr << subscriber.status() << '\n';
    return 2;
  }
  const absl::Status ended =
      (*subscriber)
          ->Run(
              [&file](const tuco::Event& event) {
                std::cout << event.sequence << ' '
                          << event.message.text.value_or("") << std::endl;
                std::ofstream(file)
                    << event.sequence << ' ' << event.epoch << '\n';
                return client::Next::kGoOn;
              },
              Tell);
  if (ended.ok()) return 0;
  std::cerr << ended << '\n';
  return 1;
}
