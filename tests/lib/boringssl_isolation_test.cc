// One process holds two crypto libraries: the OpenSSL 3 that gRPC links
// dynamically, and our static, prefixed BoringSSL. These tests show that each
// caller reaches its own, and that both work side by side.

#include <dlfcn.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lib/rfc4231.h"
#include "tuco/hmac_sha256.h"

// The names that tuco_crypto calls, as the linker sees them. Only addresses are
// taken, so the types do not matter.
extern "C" {
void tuco_bssl_SHA256_Init();
void tuco_bssl_SHA256_Update();
void tuco_bssl_SHA256_Final();
void tuco_bssl_CRYPTO_memcmp();
void tuco_bssl_OPENSSL_cleanse();
void tuco_bssl_RAND_bytes();
void tuco_bssl_HMAC();
}

namespace tuco {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The file of the executable or shared object that holds `address`.
std::string FileOf(const void* address) {
  Dl_info info{};
  if (address == nullptr || dladdr(address, &info) == 0) return "(nowhere)";
  return info.dli_fname;
}

std::string FileOf(void (*function)()) {
  return FileOf(reinterpret_cast<const void*>(function));
}

// What a shared object of this process binds to when it asks for `name`.
const void* DynamicSymbol(const char* name) {
  return dlsym(RTLD_DEFAULT, name);
}

void ExpectRfc4231() {
  for (const Rfc4231Case& test : Rfc4231Cases()) {
    EXPECT_THAT(ToHex(HmacSha256Key(test.key).Sign(test.message)),
                StartsWith(std::string(test.tag_prefix)))
        << "case " << test.number;
  }
}

TEST(BoringSslIsolationTest, OurCallsStayInsideTheExecutable) {
  const std::string executable = FileOf(&ExpectRfc4231);
  EXPECT_EQ(FileOf(&tuco_bssl_SHA256_Init), executable);
  EXPECT_EQ(FileOf(&tuco_bssl_SHA256_Update), executable);
  EXPECT_EQ(FileOf(&tuco_bssl_SHA256_Final), executable);
  EXPECT_EQ(FileOf(&tuco_bssl_CRYPTO_memcmp), executable);
  EXPECT_EQ(FileOf(&tuco_bssl_OPENSSL_cleanse), executable);
  EXPECT_EQ(FileOf(&tuco_bssl_RAND_bytes), executable);
  EXPECT_EQ(FileOf(&tuco_bssl_HMAC), executable);
}

TEST(BoringSslIsolationTest, OpenSslNamesAreOpenSsl) {
  // A call keeps gRPC, and OpenSSL with it, from being dropped by --as-needed.
  ASSERT_FALSE(grpc::Version().empty());
  EXPECT_THAT(FileOf(DynamicSymbol("HMAC")), HasSubstr("libcrypto.so.3"));
  EXPECT_THAT(FileOf(DynamicSymbol("SHA256_Update")),
              HasSubstr("libcrypto.so.3"));
  EXPECT_THAT(FileOf(DynamicSymbol("SSL_new")), HasSubstr("libssl.so.3"));
}

TEST(BoringSslIsolationTest, SharedObjectsCannotSeeOurNames) {
  EXPECT_EQ(DynamicSymbol("tuco_bssl_HMAC"), nullptr);
  EXPECT_EQ(DynamicSymbol("tuco_bssl_SHA256_Update"), nullptr);
}

std::string ReadTestData(const std::string& name) {
  const char* folder = std::getenv("TUCO_TEST_DATA");
  std::ifstream file((folder ? folder : "tests/data") + ("/" + name));
  EXPECT_TRUE(file) << "no test data '" << name << "'; set TUCO_TEST_DATA";
  return {std::istreambuf_iterator<char>(file), {}};
}

// A server on 127.0.0.1 that speaks TLS only and answers health checks, with
// a client that trusts its self-signed certificate.
class TlsServer {
 public:
  TlsServer() : certificate_(ReadTestData("tls/localhost.pem")) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back(
        {ReadTestData("tls/localhost.key"), certificate_});
    grpc::ServerBuilder builder;
    // Without any service of ours, gRPC would have no queue to poll.
    builder.RegisterCallbackGenericService(&no_methods_);
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options),
                             &port_);
    server_ = builder.BuildAndStart();
    EXPECT_NE(server_, nullptr);
  }

  // Calls grpc.health.v1.Health/Check, for the whole server, over a new
  // connection. Bytes in and out save the test a generated stub: the request
  // is empty, and so is every field of it.
  grpc::Status CheckHealth(std::string* response) const {
    grpc::GenericStub stub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(port_),
        grpc::SslCredentials({.pem_root_certs = certificate_,
                              .pem_private_key = "",
                              .pem_cert_chain = ""})));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(30));
    grpc::CompletionQueue queue;
    const grpc::Slice no_bytes;
    const auto call =
        stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check",
                              grpc::ByteBuffer(&no_bytes, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer bytes;
    grpc::Status status;
    call->Finish(&bytes, &status, /*tag=*/nullptr);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    grpc::Slice slice;
    if (status.ok() && bytes.DumpToSingleSlice(&slice).ok()) {
      response->assign(slice.begin(), slice.end());
    }
    return status;
  }

 private:
  std::string certificate_;
  grpc::CallbackGenericService no_methods_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(BoringSslIsolationTest, TlsCallAndHmacWorkInOneProcess) {
  ExpectRfc4231();
  const TlsServer server;
  for (int round = 0; round < 3; ++round) {
    std::string response;
    const grpc::Status status = server.CheckHealth(&response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response, "\x08\x01");  // HealthCheckResponse{status: SERVING}
    ExpectRfc4231();
  }
}

}  // namespace
}  // namespace tuco
