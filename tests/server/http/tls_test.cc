// Which certificates are taken, and what becomes of one that is read again.

#include "server/http/tls.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/http/tls_client.h"

namespace tuco::http {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class TlsContextTest : public testing::Test {
 protected:
  base::TlsPaths Make(const std::string& name, seconds begins = seconds(-60),
                      seconds expires = seconds(3'600)) {
    return MakeCertificate(
        folder_.path(), {.name = name, .begins = begins, .expires = expires});
  }
  // That the files are refused, and why.
  static std::string Refusal(const base::TlsPaths& files) {
    const absl::Status status = TlsContext::Create(files).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return MessageOf(status);
  }

  base::TemporaryDirectory folder_;
};

TEST_F(TlsContextTest, KnowsWhenTheCertificateExpires) {
  const auto context = TlsContext::Create(Make("a"));
  ASSERT_TRUE(context.ok()) << context.status();
  const auto left = (*context)->expires_at() - std::chrono::system_clock::now();
  EXPECT_LE(left, seconds(3'600));
  EXPECT_GT(left, seconds(3'000));
}

TEST_F(TlsContextTest, NamesTheFileThatIsMissing) {
  base::TlsPaths files = Make("a");
  files.key += ".gone";
  EXPECT_EQ(Refusal(files),
            "cannot read " + files.key + ": No such file or directory");
  files.certificate += ".gone";
  EXPECT_EQ(Refusal(files),
            "cannot read " + files.certificate + ": No such file or directory");
}

TEST_F(TlsContextTest, NamesTheFileThatIsAFolder) {
  base::TlsPaths files = Make("a");
  files.certificate = folder_.path();
  EXPECT_THAT(Refusal(files), StartsWith(folder_.path() + ": is a folder"));
}

TEST_F(TlsContextTest, RefusesAFileOneByteTooLarge) {
  const base::TlsPaths files = Make("a");
  const std::string own = TextOf(files.certificate);
  const std::size_t most = 1024UL * 1024;
  Write(files.certificate, own + std::string(most - own.size(), '\n'));
  EXPECT_TRUE(TlsContext::Create(files).ok());
  Write(files.certificate, own + std::string(most + 1 - own.size(), '\n'));
  EXPECT_THAT(Refusal(files), HasSubstr("at most 1 MiB"));
}

TEST_F(TlsContextTest, RefusesWhatHoldsNoCertificate) {
  const base::TlsPaths files = Make("a");
  Write(files.certificate, "");
  EXPECT_THAT(Refusal(files), AllOf(StartsWith(files.certificate),
                                    HasSubstr("holds no certificate")));
  Write(files.certificate, TextOf(files.key));
  EXPECT_THAT(Refusal(files), HasSubstr("holds no certificate"));
}

TEST_F(TlsContextTest, RefusesACertificateThatIsDamaged) {
  const base::TlsPaths files = Make("a");
  std::string text = TextOf(files.certificate);
  text[text.size() / 2] = '!';
  Write(files.certificate, text);
  EXPECT_THAT(Refusal(files),
              AllOf(StartsWith(files.certificate), HasSubstr("is damaged")));
}

TEST_F(TlsContextTest, RefusesAChainOfWhichTheSecondIsDamaged) {
  const base::TlsPaths files = Make("a");
  std::string second = TextOf(files.certificate);
  second[second.size() / 2] = '!';
  Write(files.certificate, TextOf(files.certificate) + second);
  EXPECT_THAT(Refusal(files), HasSubstr("is damaged"));
}

TEST_F(TlsContextTest, RefusesWhatHoldsNoKey) {
  const base::TlsPaths files = Make("a");
  Write(files.key, TextOf(files.certificate));
  EXPECT_THAT(Refusal(files),
              AllOf(StartsWith(files.key), HasSubstr("no private key")));
}

TEST_F(TlsContextTest, AsksNobodyForAPassphrase) {
  const base::TlsPaths files = Make("a");
  Write(files.key,
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
        "AAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n");
  EXPECT_THAT(Refusal(files), HasSubstr("is encrypted"));
}

TEST_F(TlsContextTest, RefusesTheKeyOfAnotherCertificate) {
  base::TlsPaths files = Make("a");
  files.key = Make("b").key;
  EXPECT_EQ(Refusal(files),
            files.key + ": is not the key of the first certificate in " +
                files.certificate);
}

// A server that does not start takes nothing from anybody.
TEST_F(TlsContextTest, BeginsWithACertificateThatHasExpired) {
  const base::TlsPaths files = Make("a", seconds(-3'600), seconds(-1));
  const auto context = TlsContext::Create(files);
  ASSERT_TRUE(context.ok());
  EXPECT_LT((*context)->expires_at(), std::chrono::system_clock::now());
}

TEST_F(TlsContextTest, PutsNoneInTheOthersPlaceThatIsNotValidNow) {
  const base::TlsPaths files = Make("a");
  const auto context = TlsContext::Create(files);
  ASSERT_TRUE(context.ok());
  const Timestamp before = (*context)->expires_at();
  Make("a", seconds(-3'600), seconds(-1));
  EXPECT_THAT(MessageOf((*context)->Reload()),
              AllOf(StartsWith(files.certificate), HasSubstr("has expired")));
  Make("a", seconds(3'600), seconds(7'200));
  EXPECT_THAT(MessageOf((*context)->Reload()),
              HasSubstr("is not valid before"));
  EXPECT_EQ((*context)->expires_at(), before);
}

TEST_F(TlsContextTest, TakesAChainAndAKeyInOneFile) {
  const base::TlsPaths own = Make("a");
  const base::TlsPaths issuer = Make("b");
  const std::string both = folder_.path() + "/both.pem";
  Write(both,
        TextOf(own.certificate) + TextOf(issuer.certificate) + TextOf(own.key));
  EXPECT_TRUE(TlsContext::Create({both, both}).ok());
}

TEST_F(TlsContextTest, ReadsWhatTheFilesHoldNow) {
  const base::TlsPaths files = Make("a", seconds(-60), seconds(3'600));
  const auto context = TlsContext::Create(files);
  ASSERT_TRUE(context.ok());
  const auto before = (*context)->expires_at();
  Make("a", seconds(-60), seconds(7'200));
  EXPECT_TRUE((*context)->Reload().ok());
  EXPECT_GT((*context)->expires_at(), before);
}

TEST_F(TlsContextTest, KeepsTheCertificateThatItHasWhenTheNewOneIsBad) {
  const base::TlsPaths files = Make("a");
  const auto context = TlsContext::Create(files);
  ASSERT_TRUE(context.ok());
  const auto before = (*context)->expires_at();
  Write(files.key, TextOf(Make("b").key));
  const absl::Status status = (*context)->Reload();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(status), StartsWith(files.key));
  EXPECT_EQ((*context)->expires_at(), before);
}

}  // namespace
}  // namespace tuco::http
