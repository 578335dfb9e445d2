// The peer of row 10: a gRPC server that streams batches which were made before
// anybody asked, and does nothing else.
//
//   bare_stream EVENTS BODY_FILE
//
// Prints its port. A StreamEvents call gets EVENTS events in batches of 256,
// the same bytes each time, as the server would send them. Ends with its stdin.

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "bench/log/sample_records.h"
#include "proto/stream_frame.h"
#include "server/base/clock.h"
#include "server/log/record.h"
#include "server/stream/frame_maker.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::bench {
namespace {

namespace pb = events::v1;

constexpr std::uint64_t kBatch = 256;

// Batches are of the size that those of a log with so many events have: their
// sequences are as long.
grpc::ByteBuffer MakeFrame(std::uint64_t events, const char* body_file) {
  SampleRecords records(body_file);
  std::string frame;
  for (std::uint64_t i = 0; i < kBatch; ++i) {
    const auto record = records.Make(i);
    record->sequence = events;
    record->epoch = 1;
    record->recorded_at = base::SystemClock().Now();
    stream::AppendRecord(log::ColumnsOf(*record), /*include_body=*/false,
                         frame);
  }
  proto::AppendScannedThrough(events, frame);
  const grpc::Slice slice(frame);
  return {&slice, 1};
}

class Writer final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  Writer(const grpc::ByteBuffer& frame, std::uint64_t frames)
      : frame_(frame), left_(frames) {
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      WriteNext();
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
    }
  }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    buffer_ = frame_;
    if (--left_ == 0) {
      StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      StartWrite(&buffer_);
    }
  }

  const grpc::ByteBuffer& frame_;
  std::uint64_t left_;
  grpc::ByteBuffer buffer_;
};

class Service final
    : public pb::EventService::WithRawCallbackMethod_StreamEvents<
          pb::EventService::Service> {
 public:
  Service(std::uint64_t events, const char* body_file)
      : frame_(MakeFrame(events, body_file)),
        frames_((events + kBatch - 1) / kBatch) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamEvents(
      grpc::CallbackServerContext* /*context*/,
      const grpc::ByteBuffer* /*request*/) override {
    return new Writer(frame_, frames_);
  }

 private:
  const grpc::ByteBuffer frame_;
  const std::uint64_t frames_;
};

int Main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bare_stream EVENTS BODY_FILE" << std::endl;
    return 3;
  }
  Service service(std::strtoull(argv[1], nullptr, 10), argv[2]);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::cout << port << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace
}  // namespace tuco::bench

int main(int argc, char** argv) { return tuco::bench::Main(argc, argv); }
