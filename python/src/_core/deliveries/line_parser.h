// Reads a line of an archive into a row of a table.
//
// A line is a body as Tuco sent it, or a delivery as `tuco-events export` and
// `tail --output raw` write it:
//
//   {"headers": {"x-tuco-signature": "…", …}, "body": "…" | "bodyBase64": "…",
//    "endpoint"?: "…", "receivedAt"?: "…", "headersDiffered"?: true, …}
//
// Which one it is its members say: no body has `headers`, `body` or
// `bodyBase64` beside no `event`.

#ifndef TUCO_PYTHON_CORE_DELIVERIES_LINE_PARSER_H_
#define TUCO_PYTHON_CORE_DELIVERIES_LINE_PARSER_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "_core/arrow/array.h"
#include "_core/deliveries/body_row.h"
#include "_core/table/builder.h"
#include "_core/table/schema.h"
#include "tuco/digest.h"
#include "tuco/event.h"
#include "tuco/internal/json_reader.h"
#include "tuco/signature_verifier.h"
#include "tuco/timestamp.h"

namespace tuco::python::deliveries {

// A body of 1 MiB is a line of 6 MiB when every byte of it is escaped.
inline constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;

struct LineOptions {
  // Whose deliveries they are, where a line does not say.
  std::string endpoint;
  table::ColumnSet columns = table::AllColumns(/*include_body=*/false);
  // Deliveries are verified, if it is there.
  std::optional<SignatureVerifier> verifier;
  VerifyMode mode = VerifyMode::kAuto;
};

// What is wrong with a line, and where.
struct LineMistake {
  std::size_t column = 1;
  std::string message;
};

// What a line says of a delivery.
struct ArchivedDelivery {
  // Makes it empty and keeps its memory.
  void Clear() {
    body.clear();
    endpoint.clear();
    signatures = 0;
    signature.clear();
    received_at.reset();
    headers_differed = false;
  }

  std::string body;
  std::string endpoint;  // Empty: none.
  // How often X-Tuco-Signature is there, and its first value.
  std::size_t signatures = 0;
  std::string signature;
  std::optional<Timestamp> received_at;
  // Whether the headers that came said something else than the body.
  bool headers_differed = false;
};

// One thread at a time; refers to the options.
class LineParser {
 public:
  explicit LineParser(const LineOptions& options);

  // Says which lines come next, so that work can be done for several of them at
  // once. They must stay where they are until then.
  static constexpr std::size_t kForeseenMax = 16;
  void Foresee(std::span<const std::string_view> lines);

  // Adds a row for the line, which has no line break, unless there is nothing
  // but blanks in it. What is wrong with it, if anything is; then there is no
  // row.
  std::optional<LineMistake> Parse(std::string_view line);

  // The rows since the last call.
  std::shared_ptr<const arrow::Table> TakeTable() { return builder_.Finish(); }

 private:
  void AppendDelivery(const ArchivedDelivery& delivery);
  void AppendBody(const internal::JsonReader* json, std::string_view body,
                  std::string_view endpoint, const std::optional<Digest>& key,
                  Flags flags);
  std::optional<Verdict> Verify(const ArchivedDelivery& delivery) const;
  Digest KeyOf(std::string_view endpoint, std::string_view body);

  const LineOptions& options_;
  table::Builder builder_;
  BodyRow row_;
  internal::JsonReader json_;
  internal::JsonReader body_json_;
  ArchivedDelivery delivery_;
  // The duplicate keys of lines that come next, in case that they are bodies.
  std::array<std::string_view, kForeseenMax> foreseen_;
  std::array<Digest, kForeseenMax> keys_;
  std::size_t foreseen_begin_ = 0;
  std::size_t foreseen_end_ = 0;
  bool bodies_ = true;  // The last line was one.
};

}  // namespace tuco::python::deliveries

#endif  // TUCO_PYTHON_CORE_DELIVERIES_LINE_PARSER_H_
