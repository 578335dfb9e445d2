#include "server/cli/stats_text.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>

#include "server/cli/columns.h"
#include "server/cli/terminal_text.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

constexpr std::size_t kLabelWidth = 13;

std::string Row(std::string_view label, std::string_view value) {
  return Concat({PadRight(std::string(label), kLabelWidth), value, "\n"});
}

// `1 event`, `2 events`.
std::string CountText(std::uint64_t count, std::string_view noun) {
  return Concat({std::to_string(count), " ", noun, count == 1 ? "" : "s"});
}

// Of a value that this version does not know, its number.
std::string StateText(pb::IntakeState state) {
  constexpr std::string_view kPrefix = "INTAKE_STATE_";
  const std::string& name = pb::IntakeState_Name(state);
  return name.empty() ? std::to_string(state) : name.substr(kPrefix.size());
}

std::string IntakeRows(const pb::IntakeStatus& intake) {
  std::string state = StateText(intake.state());
  if (!intake.reason().empty()) {
    state += Concat({": ", EscapeForTerminal(intake.reason())});
  }
  return Concat({Row("intake", state),
                 Row("waiting", CountText(intake.queued(), "event"))});
}

std::string EventsRow(const pb::LogStatus& log) {
  const std::string epoch = Concat({"epoch ", std::to_string(log.epoch())});
  if (log.earliest_sequence() > log.head_sequence()) {
    return Row("events", Concat({"none, ", epoch}));
  }
  return Row("events",
             Concat({std::to_string(log.earliest_sequence()), " to ",
                     std::to_string(log.head_sequence()), ", ", epoch}));
}

std::string GapRows(const pb::LogStatus& log) {
  std::string rows;
  for (const pb::SequenceRange& gap : log.gaps()) {
    rows += Row("gap", Concat({std::to_string(gap.from_sequence()), " to ",
                               std::to_string(gap.to_sequence())}));
  }
  return rows;
}

// What the log can say of the disk; no row where it says nothing.
std::string DiskRow(const pb::LogStatus& log) {
  std::string text;
  const auto add = [&text](std::string_view name, std::uint64_t bytes) {
    text += Concat({text.empty() ? "" : ", ", name, BytesText(bytes)});
  };
  if (log.has_database_bytes()) add("database ", log.database_bytes());
  if (log.has_wal_bytes()) add("write-ahead log ", log.wal_bytes());
  if (log.has_free_bytes()) add("free ", log.free_bytes());
  return text.empty() ? "" : Row("disk", text);
}

std::string DuplicatesRow(const pb::LogStatus& log) {
  std::string text = log.has_duplicate_keys()
                         ? CountText(log.duplicate_keys(), "key")
                         : "being read";
  if (log.has_dedup_horizon()) {
    text += Concat({", forgotten through ", TimeColumn(log.dedup_horizon())});
  }
  return Row("duplicates", text);
}

std::string QuarantineRow(const pb::ServerStatus& status) {
  if (!status.has_quarantine()) return "";
  const pb::QuarantineStatus& held = status.quarantine();
  return Row("quarantine",
             Concat({std::to_string(held.verified()), " verified (",
                     BytesText(held.verified_bytes()), "), ",
                     std::to_string(held.unverified()), " unverified (",
                     BytesText(held.unverified_bytes()), "), ",
                     std::to_string(held.settled()), " settled"}));
}

std::string SpoolRow(const pb::ServerStatus& status) {
  if (!status.has_spool()) return "";
  const pb::SpoolStatus& spool = status.spool();
  std::string text = Concat(
      {CountText(spool.records(), "event"), ", ", BytesText(spool.bytes())});
  if (spool.losses() > 0) {
    text += Concat({", ", CountText(spool.losses(), "damaged place")});
  }
  return Row("spool", text);
}

// The names of a list, one behind the other.
template <typename Names>
std::string NamesText(const Names& names, std::string_view behind) {
  std::string text;
  for (const std::string& name : names) {
    text += Concat({" ", Word(name), behind});
  }
  return text;
}

std::string EndpointRow(const pb::EndpointStatus& endpoint) {
  std::string text =
      Concat({Word(endpoint.name()), ", secrets",
              NamesText(endpoint.secret_names(), ""),
              NamesText(endpoint.revoked_secret_names(), " (revoked)")});
  if (endpoint.has_last_received_at()) {
    text += Concat({", last event ", std::to_string(endpoint.last_sequence()),
                    " at ", TimeColumn(endpoint.last_received_at())});
  } else {
    text += ", no event";
  }
  return Row("endpoint", text);
}

std::string SecretRow(std::string_view endpoint,
                      const pb::SecretStatus& secret) {
  std::string text = Concat({Word(endpoint), "/", Word(secret.name())});
  if (secret.state() == pb::SECRET_STATE_REVOKED) text += " (revoked)";
  if (!secret.has_last_used_at()) return Row("secret", text + ", not used");
  const std::uint64_t canonical = secret.verified_canonical();
  text +=
      Concat({", last used ", TimeColumn(secret.last_used_at()), ", ",
              std::to_string(secret.verified_raw() + canonical), " verified"});
  if (canonical > 0) {
    text += Concat({" (", std::to_string(canonical), " canonical)"});
  }
  return Row("secret", text);
}

std::string DriftRow(const pb::DriftName& drift) {
  static constexpr std::array<std::string_view, 5> kKinds = {
      "unknown kind", "unknown event", "unknown field", "wrong type",
      "no object"};
  const auto kind = static_cast<std::size_t>(drift.kind());
  std::string text(kind < kKinds.size() ? kKinds[kind] : kKinds[0]);
  if (!drift.name().empty()) text += Concat({" ", Word(drift.name())});
  return Row("news",
             Concat({text, ", first at ", TimeColumn(drift.first_seen_at())}));
}

}  // namespace

std::string BytesText(std::uint64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB",
                                                        "TiB", "PiB", "EiB"};
  if (bytes < 1'024) return Concat({std::to_string(bytes), " B"});
  double value = static_cast<double>(bytes) / 1'024;
  std::size_t unit = 0;
  while (value >= 1'024 && unit + 1 < kUnits.size()) {
    value /= 1'024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits[unit]);
  return text.data();
}

std::string StatusText(const pb::ServerStatus& status) {
  std::string text = Concat(
      {Row("version", Word(status.version())),
       Row("started", TimeColumn(status.started_at())),
       IntakeRows(status.intake()), EventsRow(status.log()),
       GapRows(status.log()), DiskRow(status.log()),
       DuplicatesRow(status.log()), QuarantineRow(status), SpoolRow(status),
       Row("streams", std::to_string(status.open_streams()))});
  for (const pb::EndpointStatus& endpoint : status.endpoints()) {
    text += EndpointRow(endpoint);
    for (const pb::SecretStatus& secret : endpoint.secrets()) {
      text += SecretRow(endpoint.name(), secret);
    }
  }
  for (const pb::DriftName& drift : status.drift_names()) {
    text += DriftRow(drift);
  }
  return text;
}

}  // namespace tuco::cli
