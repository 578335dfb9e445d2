#include "server/base/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string_view>
#include <system_error>

#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::base {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

template <typename T, void (*Free)(T*)>
struct Freer {
  void operator()(T* object) const { Free(object); }
};
template <typename T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Freer<T, Free>>;

using Bio = Owned<BIO, &BIO_free_all>;
using Certificate = Owned<X509, &X509_free>;
using Key = Owned<EVP_PKEY, &EVP_PKEY_free>;
using Context = Owned<SSL_CTX, &SSL_CTX_free>;

absl::Status Complaint(const std::string& path, std::string_view what) {
  return absl::InvalidArgumentError(Concat({path, ": ", what}));
}

// With OpenSSL's own reason for it.
absl::Status Refusal(const std::string& path, std::string_view what) {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return Complaint(path,
                   Concat({what, reason == nullptr ? "" : ": ",
                           reason == nullptr ? "" : std::string_view(reason)}));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::string text(kFileBytesMax + 1, '\0');
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "rbe"), &std::fclose);
  text.resize(file == nullptr
                  ? 0
                  : std::fread(text.data(), 1, text.size(), file.get()));
  if (errno != 0) {
    return absl::InvalidArgumentError(Concat(
        {"cannot read ", path, ": ", std::generic_category().message(errno)}));
  }
  if (text.size() > kFileBytesMax) {
    return Complaint(path, "expected at most 1 MiB of PEM");
  }
  return text;
}

Bio Over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Instead of asking whoever sits at the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/,
                 void* /*unused*/) {
  return -1;
}

// The first certificate of `text`; all of it is one after the other.
absl::StatusOr<Certificate> ReadCertificates(const std::string& path,
                                             const std::string& text) {
  const Bio bio = Over(text);
  const auto read = [&bio] {
    return Certificate(
        PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr));
  };
  Certificate first = read();
  while (read() != nullptr) {
  }
  // The end looks like this, and nothing else does.
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (first == nullptr || !at_end) {
    return Refusal(path, "expected certificates in PEM");
  }
  ERR_clear_error();
  return first;
}

absl::StatusOr<Key> ReadKey(const std::string& path, const std::string& text) {
  const Bio bio = Over(text);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  if (key == nullptr) {
    return Refusal(path, "expected a private key in PEM, without a passphrase");
  }
  return key;
}

absl::Status CheckPair(const TlsPaths& paths, X509* certificate,
                       EVP_PKEY* key) {
  const Context context(SSL_CTX_new(TLS_method()));
  if (context == nullptr ||
      SSL_CTX_use_certificate(context.get(), certificate) != 1) {
    return Refusal(paths.certificate, "cannot be used for TLS");
  }
  if (X509_check_private_key(certificate, key) != 1) {
    ERR_clear_error();
    return Complaint(paths.key, Concat({"is not the key of the certificate in ",
                                        paths.certificate}));
  }
  if (SSL_CTX_use_PrivateKey(context.get(), key) != 1) {
    return Refusal(paths.key, "cannot be used for TLS");
  }
  return absl::OkStatus();
}

std::optional<Timestamp> EndOf(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) {
    return std::nullopt;
  }
  return Timestamp(std::chrono::seconds(::timegm(&end)));
}

absl::Status ReadPair(const TlsPaths& paths, TlsFiles& files) {
  TUCO_ASSIGN_OR_RETURN(files.certificate, ReadFile(paths.certificate));
  TUCO_ASSIGN_OR_RETURN(files.key, ReadFile(paths.key));
  TUCO_ASSIGN_OR_RETURN(const Certificate certificate,
                        ReadCertificates(paths.certificate, files.certificate));
  TUCO_ASSIGN_OR_RETURN(const Key key, ReadKey(paths.key, files.key));
  TUCO_RETURN_IF_ERROR(CheckPair(paths, certificate.get(), key.get()));
  files.expires_at = EndOf(certificate.get());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsFiles> ReadTlsFiles(const TlsPaths& paths) {
  ERR_clear_error();
  TlsFiles files;
  if (!paths.certificate.empty()) {
    TUCO_RETURN_IF_ERROR(ReadPair(paths, files));
  }
  if (!paths.authorities.empty()) {
    TUCO_ASSIGN_OR_RETURN(files.authorities, ReadFile(paths.authorities));
    TUCO_RETURN_IF_ERROR(
        ReadCertificates(paths.authorities, files.authorities).status());
  }
  return files;
}

}  // namespace tuco::base
