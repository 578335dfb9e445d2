#include "tuco/record_layout.h"

#include <array>
#include <cstddef>

#include "tuco/crc32c.h"

namespace tuco {
namespace {

constexpr std::uint64_t kNullLength = ~std::uint64_t{0};

// Gathers what it covers, since many short pieces take longer than one that is
// as long as all of them.
class Checksum {
 public:
  void Add(std::uint64_t value) {
    std::array<char, 8> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>(value >> (8 * i));
    }
    Append({bytes.data(), bytes.size()});
  }
  void Add(std::int64_t value) { Add(static_cast<std::uint64_t>(value)); }
  void Add(std::uint32_t value) { Add(std::uint64_t{value}); }
  void Add(std::string_view bytes) {
    Add(bytes.data() == nullptr ? kNullLength : std::uint64_t{bytes.size()});
    Append(bytes);
  }

  std::uint32_t value() {
    Flush();
    return crc_;
  }

 private:
  void Append(std::string_view bytes) {
    if (bytes.size() > gathered_.size() - size_) {
      Flush();
      if (bytes.size() > gathered_.size()) {
        crc_ = ExtendCrc32c(crc_, bytes);
        return;
      }
    }
    bytes.copy(gathered_.data() + size_, bytes.size());
    size_ += bytes.size();
  }
  void Flush() {
    crc_ = ExtendCrc32c(crc_, {gathered_.data(), size_});
    size_ = 0;
  }

  std::uint32_t crc_ = 0;
  std::size_t size_ = 0;
  std::array<char, 1024> gathered_;
};

}  // namespace

std::uint32_t RecordCrc(const RecordColumns& columns) {
  Checksum crc;
  crc.Add(columns.sequence);
  crc.Add(columns.epoch);
  crc.Add(columns.event_id);
  crc.Add(columns.endpoint);
  crc.Add(columns.type_name);
  crc.Add(columns.workspace_id);
  crc.Add(columns.line_id);
  crc.Add(columns.campaign_id);
  crc.Add(columns.message_id);
  crc.Add(columns.lead_id);
  crc.Add(columns.phone);
  crc.Add(columns.occurred_at_us);
  crc.Add(columns.received_at_us);
  crc.Add(columns.recorded_at_us);
  crc.Add(columns.flags);
  crc.Add(columns.event);
  crc.Add(columns.body);
  crc.Add(columns.signature);
  if (columns.suspected_duplicate_of != 0) {
    crc.Add(columns.suspected_duplicate_of);
  }
  return crc.value();
}

std::uint32_t DuplicateKeyCrc(const KeyColumns& columns) {
  const Digest& key = columns.key;
  Checksum crc;
  crc.Add(columns.sequence);
  crc.Add(
      std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
  if (columns.received_at_us != RecordColumns::kNoTime) {
    crc.Add(columns.received_at_us);
    crc.Add(columns.occurred_at_us);
  }
  return crc.value();
}

std::uint32_t MetaCrc(std::string_view key, std::int64_t value) {
  Checksum crc;
  crc.Add(key);
  crc.Add(value);
  return crc.value();
}

std::uint32_t QuarantineCrc(const QuarantineColumns& columns) {
  Checksum crc;
  crc.Add(columns.id);
  crc.Add(columns.verified);
  crc.Add(columns.state);
  crc.Add(columns.held_back);
  crc.Add(columns.endpoint);
  crc.Add(columns.source);
  crc.Add(columns.reason);
  crc.Add(columns.received_at_us);
  crc.Add(columns.dedup_horizon_us);
  crc.Add(columns.headers);
  crc.Add(columns.body_bytes);
  crc.Add(columns.body);
  crc.Add(columns.sequence);
  crc.Add(columns.settled_at_us);
  return crc.value();
}

std::uint32_t SubscriptionCrc(const SubscriptionColumns& columns) {
  Checksum crc;
  crc.Add(columns.id);
  crc.Add(columns.name);
  crc.Add(columns.settings);
  crc.Add(columns.through);
  crc.Add(columns.created_at_us);
  crc.Add(columns.active_at_us);
  crc.Add(columns.unsettled_sum);
  crc.Add(columns.parked_sum);
  return crc.value();
}

std::uint32_t UnsettledCrc(const UnsettledColumns& columns) {
  Checksum crc;
  crc.Add(columns.subscription);
  crc.Add(columns.sequence);
  crc.Add(columns.deliveries);
  crc.Add(columns.retry_at_us);
  return crc.value();
}

std::uint32_t ParkedCrc(const ParkedColumns& columns) {
  Checksum crc;
  crc.Add(columns.subscription);
  crc.Add(columns.sequence);
  crc.Add(columns.epoch);
  crc.Add(columns.recorded_at_us);
  crc.Add(columns.suspected_duplicate_of);
  crc.Add(columns.deliveries);
  crc.Add(columns.reason);
  crc.Add(columns.parked_at_us);
  crc.Add(columns.replaying);
  crc.Add(columns.lead_id);
  crc.Add(columns.phone);
  crc.Add(columns.signature);
  crc.Add(columns.event);
  crc.Add(columns.body);
  return crc.value();
}

std::uint32_t EpochCrc(std::uint64_t epoch, std::uint64_t first_sequence,
                       std::uint64_t lost_after, std::int64_t began_at_us) {
  Checksum crc;
  crc.Add(epoch);
  crc.Add(first_sequence);
  crc.Add(lost_after);
  crc.Add(began_at_us);
  return crc.value();
}

}  // namespace tuco
