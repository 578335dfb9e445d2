#include "server/cli/http_url.h"

#include <gtest/gtest.h>

namespace tuco::cli {
namespace {

TEST(HttpUrl, ReadsHostPortPathAndQuery) {
  EXPECT_EQ(ParseHttpUrl("http://127.0.0.1:8080/webhooks/tuco?a=1").value(),
            (HttpUrl{"127.0.0.1", "8080", "/webhooks/tuco?a=1"}));
}

TEST(HttpUrl, FillsInPortAndPath) {
  EXPECT_EQ(ParseHttpUrl("http://localhost").value(),
            (HttpUrl{"localhost", "80", "/"}));
  EXPECT_EQ(ParseHttpUrl("http://localhost?a").value(),
            (HttpUrl{"localhost", "80", "/?a"}));
}

TEST(HttpUrl, ReadsHttps) {
  EXPECT_EQ(ParseHttpUrl("https://localhost/x").value(),
            (HttpUrl{"localhost", "443", "/x", true}));
  EXPECT_EQ(ParseHttpUrl("https://h:8443").value(),
            (HttpUrl{"h", "8443", "/", true}));
}

TEST(HttpUrl, ReadsIpv6InBrackets) {
  const HttpUrl url = ParseHttpUrl("http://[::1]:81/x").value();
  EXPECT_EQ(url, (HttpUrl{"::1", "81", "/x"}));
  EXPECT_EQ(url.Authority(), "[::1]:81");
}

TEST(HttpUrl, RefusesWhatItCannotSpeak) {
  for (const char* text :
       {"", "ftp://localhost/", "localhost:8080", "http://", "http://:80/",
        "http://h:0/", "http://h:65536/", "http://h:8x/", "http://h:/",
        "http://u:p@h/", "http://[::1", "http://[::1]x/", "http://h/a b",
        "http://h/\r\nX: y", "http://h/#f", "http+unix://x", "https://"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseHttpUrl(text).status())) << text;
  }
}

}  // namespace
}  // namespace tuco::cli
