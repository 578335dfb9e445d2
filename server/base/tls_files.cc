#include "server/base/tls_files.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

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
  if (errno == EISDIR) {
    return Complaint(path, "is a folder, expected a file of PEM");
  }
  if (errno != 0) {
    return absl::InvalidArgumentError(Concat(
        {"cannot read ", path, ": ", std::generic_category().message(errno)}));
  }
  if (text.size() > kFileBytesMax) {
    return Complaint(path, "expected at most 1 MiB of PEM");
  }
  return text;
}

// A key's text, overwritten in the end.
class KeyText {
 public:
  explicit KeyText(std::string text) : text_(std::move(text)) {}
  KeyText(const KeyText&) = delete;
  KeyText& operator=(const KeyText&) = delete;
  ~KeyText() { OPENSSL_cleanse(text_.data(), text_.size()); }
  const std::string& get() const { return text_; }

 private:
  std::string text_;
};

Bio Over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Instead of asking whoever sits at the terminal; `asked` is a bool.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  if (asked != nullptr) *static_cast<bool*>(asked) = true;
  return -1;
}

// Those in `text`, one after the other; at least one.
absl::StatusOr<std::vector<Certificate>> ReadCertificates(
    const std::string& path, const std::string& text) {
  const Bio bio = Over(text);
  std::vector<Certificate> chain;
  while (X509* const read =
             PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr)) {
    chain.emplace_back(read);
  }
  // The end looks like this, and nothing else does.
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) return Refusal(path, "is damaged, expected certificates in PEM");
  ERR_clear_error();
  if (chain.empty()) {
    return Complaint(path, "holds no certificate, expected PEM");
  }
  return chain;
}

absl::StatusOr<Key> ReadKey(const std::string& path, const std::string& text) {
  const Bio bio = Over(text);
  bool asked = false;
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, &asked));
  if (key != nullptr) return key;
  if (!asked) return Refusal(path, "holds no private key in PEM");
  ERR_clear_error();
  return Complaint(path, "is encrypted, expected a key without a passphrase");
}

absl::Status CheckPair(const TlsPaths& paths, X509* certificate,
                       EVP_PKEY* key) {
  if (X509_check_private_key(certificate, key) == 1) return absl::OkStatus();
  ERR_clear_error();
  return Complaint(paths.key,
                   Concat({"is not the key of the first certificate in ",
                           paths.certificate}));
}

// Has `context` show them; what is too weak for TLS today is refused.
absl::Status Use(const TlsPaths& paths, const std::vector<Certificate>& chain,
                 EVP_PKEY* key, SSL_CTX& context) {
  const bool good =
      SSL_CTX_use_certificate(&context, chain.front().get()) == 1 &&
      std::all_of(chain.begin() + 1, chain.end(),
                  [&context](const Certificate& one) {
                    return SSL_CTX_add1_chain_cert(&context, one.get()) == 1;
                  });
  if (!good) return Refusal(paths.certificate, "cannot be used for TLS");
  if (SSL_CTX_use_PrivateKey(&context, key) == 1) return absl::OkStatus();
  return Refusal(paths.key, "cannot be used for TLS");
}

Timestamp TimeOf(const ASN1_TIME* time) {
  std::tm broken_down{};
  ASN1_TIME_to_tm(time, &broken_down);
  return Timestamp(std::chrono::seconds(::timegm(&broken_down)));
}

absl::StatusOr<TlsValidity> UsePair(const TlsPaths& paths,
                                    const std::string& certificate,
                                    const std::string& key_text,
                                    SSL_CTX& context) {
  TUCO_ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                        ReadCertificates(paths.certificate, certificate));
  TUCO_ASSIGN_OR_RETURN(const Key key, ReadKey(paths.key, key_text));
  X509* const own = chain.front().get();
  TUCO_RETURN_IF_ERROR(CheckPair(paths, own, key.get()));
  TUCO_RETURN_IF_ERROR(Use(paths, chain, key.get(), context));
  return TlsValidity{.begins = TimeOf(X509_get0_notBefore(own)),
                     .ends = TimeOf(X509_get0_notAfter(own))};
}

absl::Status ReadPair(const TlsPaths& paths, TlsFiles& files) {
  TUCO_ASSIGN_OR_RETURN(files.certificate, ReadFile(paths.certificate));
  TUCO_ASSIGN_OR_RETURN(files.key, ReadFile(paths.key));
  const Context tried(SSL_CTX_new(TLS_method()));
  if (tried == nullptr)
    return absl::ResourceExhaustedError("no memory for TLS");
  TUCO_ASSIGN_OR_RETURN(const TlsValidity valid,
                        UsePair(paths, files.certificate, files.key, *tried));
  files.expires_at = valid.ends;
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

absl::StatusOr<TlsValidity> UseTlsPair(const TlsPaths& paths,
                                       SSL_CTX& context) {
  ERR_clear_error();
  TUCO_ASSIGN_OR_RETURN(const std::string certificate,
                        ReadFile(paths.certificate));
  TUCO_ASSIGN_OR_RETURN(std::string key, ReadFile(paths.key));
  const KeyText wiped(std::move(key));
  return UsePair(paths, certificate, wiped.get(), context);
}

}  // namespace tuco::base
