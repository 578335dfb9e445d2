// Raw bytes and what becomes of them. Each case is fed at once, in two parts
// split at every byte, and byte by byte: the verdict must not change.

#include "server/http/request_parser.h"

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/request_bytes.h"
#include "tests/server/http/request_trace.h"

namespace tuco::http {
namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): literals below use it.
using std::string_literals::operator""s;

Limits SmallLimits() {
  Limits limits;
  limits.header_bytes_max = 512;
  limits.header_fields_max = 8;
  limits.target_bytes_max = 64;
  limits.body_bytes_max = 100;
  return limits;
}

std::size_t Everything(std::size_t rest) { return rest; }

RequestTrace TraceSplitAt(const std::string& bytes, std::size_t split) {
  bool first = true;
  return Trace(bytes, SmallLimits(), [&](std::size_t rest) {
    return std::exchange(first, false) ? std::max<std::size_t>(split, 1) : rest;
  });
}

struct Case {
  std::string name;
  std::string bytes;
  std::string verdict;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.name;
  }
};

class RequestParserTest : public testing::TestWithParam<Case> {};

TEST_P(RequestParserTest, GivesTheVerdictHoweverTheBytesAreSplit) {
  const auto& [name, bytes, verdict] = GetParam();
  const RequestTrace whole = Trace(bytes, SmallLimits(), Everything);
  EXPECT_EQ(whole.verdict, verdict);
  EXPECT_FALSE(whole.requests_after_refusal);
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    ASSERT_EQ(TraceSplitAt(bytes, split).everything, whole.everything)
        << "split at " << split;
  }
  const RequestTrace single =
      Trace(bytes, SmallLimits(), [](std::size_t) { return 1; });
  EXPECT_EQ(single.everything, whole.everything);
}

std::string NameOf(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

std::string Repeat(const std::string& text, int count) {
  std::string result;
  while (count-- > 0) result += text;
  return result;
}

const std::string kGet = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";

std::vector<Case> WellFormed() {
  return {
      {"NoBytes", "", ""},
      {"GetWithoutBody", kGet, "GET /b []"},
      {"PostWithLength", Post("Content-Length: 5\r\n", "hello"),
       "POST /a [hello]"},
      {"PostWithoutLength", Post(""), "POST /a []"},
      {"LengthZero", Post("Content-Length: 0\r\n"), "POST /a []"},
      {"LengthWithLeadingZeros", Post("Content-Length: 0005\r\n", "hello"),
       "POST /a [hello]"},
      {"BlanksAroundLength", Post("Content-Length:  5  \r\n", "hello"),
       "POST /a [hello]"},
      {"BodyWithZeroBytesAndLineEnds",
       Post("Content-Length: 6\r\n", "\0\r\n\r\n\xff"s),
       "POST /a [\0\r\n\r\n\xff]"s},
      {"OneChunk", Chunked("5\r\nhello\r\n0\r\n\r\n"), "POST /a [hello]"},
      {"SeveralChunks", Chunked("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
       "POST /a [hello]"},
      {"ChunkSizeInHexOfEitherCase",
       Chunked("A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n"),
       "POST /a [01234567890123456789a]"},
      {"LastChunkOfSeveralZeros", Chunked("5\r\nhello\r\n000\r\n\r\n"),
       "POST /a [hello]"},
      {"EmptyChunkedBody", Chunked("0\r\n\r\n"), "POST /a []"},
      {"ChunkedInAnyCase",
       Post("TRANSFER-ENCODING: ChUnKeD\r\n", "1\r\nx\r\n0\r\n\r\n"),
       "POST /a [x]"},
      {"QueryIsNotPartOfThePath", "GET /b?x=/y HTTP/1.1\r\nHost: h\r\n\r\n",
       "GET /b []"},
      {"EveryMethodThatIsKnown",
       "DELETE /a HTTP/1.1\r\nHost: h\r\n\r\n"
       "PATCH /a HTTP/1.1\r\nHost: h\r\n\r\n"
       "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
       "DELETE /a [] | PATCH /a [] | OPTIONS * []"},
      {"AbsoluteTarget", "GET HTTP://other:80/b?c HTTP/1.1\r\nHost: h\r\n\r\n",
       "GET /b []"},
      {"EmptyHeaderValue", Post("X:\r\nY: \t \r\n"), "POST /a []"},
      {"HeaderBytesBeyondAscii", Post("X: \xc3\xa4\r\n"), "POST /a []"},
      {"Http10WithoutHost", "GET /b HTTP/1.0\r\n\r\n", "GET /b []"},
      {"Http10WithBody", "POST /a HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi",
       "POST /a [hi]"},
      {"EmptyHost", "GET /b HTTP/1.1\r\nHost:\r\n\r\n", "GET /b []"},
      {"HostWithPort", "GET /b HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
       "GET /b []"},
      {"FewEmptyLinesBefore", "\r\n\r\n" + kGet, "GET /b []"},
      {"EmptyLineBetween", Post("Content-Length: 2\r\n", "hi\r\n") + kGet,
       "POST /a [hi] | GET /b []"},
      {"UpgradeIsIgnored",
       Post("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n",
            "hi") +
           kGet,
       "POST /a [hi] | GET /b []"},
      {"ExpectContinue",
       Post("Expect: 100-Continue\r\nContent-Length: 2\r\n", "hi"),
       "POST /a [hi]"},
      {"Pipelined",
       kGet + Post("Content-Length: 1\r\n", "x") +
           Chunked("1\r\ny\r\n0\r\n\r\n") + kGet,
       "GET /b [] | POST /a [x] | POST /a [y] | GET /b []"},
  };
}

INSTANTIATE_TEST_SUITE_P(Delivers, RequestParserTest,
                         testing::ValuesIn(WellFormed()), NameOf);

std::vector<Case> Unfinished() {
  return {
      {"HalfARequestLine", "POST /a HT", "…more"},
      {"HalfAHeader", "POST /a HTTP/1.1\r\nHost", "…more"},
      {"HalfABody", Post("Content-Length: 5\r\n", "hel"), "…more"},
      {"HalfAChunk", Chunked("5\r\nhel"), "…more"},
      {"NoLastChunk", Chunked("5\r\nhello\r\n"), "…more"},
      {"HalfTheLastLineEnd", Chunked("0\r\n\r"), "…more"},
      {"SecondRequestUnfinished", kGet + "GET", "GET /b [] | …more"},
      {"LoneCarriageReturn", "\r", "…more"},
  };
}

INSTANTIATE_TEST_SUITE_P(WaitsFor, RequestParserTest,
                         testing::ValuesIn(Unfinished()), NameOf);

std::vector<Case> BadFraming() {
  const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
  return {
      {"LengthAndChunked",
       Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks),
       "400"},
      {"ChunkedAndLength",
       Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
       "400"},
      {"LengthTwice",
       Post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), "400"},
      {"TwoLengths",
       Post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), "400"},
      {"LengthList", Post("Content-Length: 5, 5\r\n", "hello"), "400"},
      {"LengthWithSign", Post("Content-Length: +5\r\n", "hello"), "400"},
      {"NegativeLength", Post("Content-Length: -5\r\n", "hello"), "400"},
      {"HexLength", Post("Content-Length: 0x5\r\n", "hello"), "400"},
      {"FractionalLength", Post("Content-Length: 5.0\r\n", "hello"), "400"},
      {"TwoNumbersAsLength", Post("Content-Length: 5 5\r\n", "hello"), "400"},
      {"EmptyLength", Post("Content-Length:\r\n"), "400"},
      {"BlankLength", Post("Content-Length:  \r\n"), "400"},
      {"LengthBeyond64Bits",
       Post("Content-Length: 18446744073709551621\r\n", "hello"), "400"},
      {"BlankBeforeColon", Post("Content-Length : 5\r\n", "hello"), "400"},
      {"BlankBeforeColonOfCoding",
       Post("Transfer-Encoding : chunked\r\n", chunks), "400"},
      {"CodingIdentity", Post("Transfer-Encoding: identity\r\n"), "400"},
      {"CodingGzipChunked",
       Post("Transfer-Encoding: gzip, chunked\r\n", chunks), "400"},
      {"CodingChunkedGzip",
       Post("Transfer-Encoding: chunked, gzip\r\n", chunks), "400"},
      {"CodingChunkedTwice",
       Post("Transfer-Encoding: chunked, chunked\r\n", chunks), "400"},
      {"CodingFieldTwice",
       Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            chunks),
       "400"},
      {"CodingWithPrefix", Post("Transfer-Encoding: xchunked\r\n", chunks),
       "400"},
      {"CodingQuoted", Post("Transfer-Encoding: \"chunked\"\r\n", chunks),
       "400"},
      {"CodingWithVerticalTab",
       Post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            chunks),
       "400"},
      {"CodingWithComma", Post("Transfer-Encoding: chunked,\r\n", chunks),
       "400"},
      {"EmptyCoding", Post("Transfer-Encoding:\r\n", chunks), "400"},
      {"CodingInHttp10",
       "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
       "400"},
      {"FoldedCoding", Post("Transfer-Encoding:\r\n chunked\r\n", chunks),
       "400"},
      {"FoldedLength", Post("Content-Length:\r\n 5\r\n", "hello"), "400"},
  };
}

INSTANTIATE_TEST_SUITE_P(RefusesFraming, RequestParserTest,
                         testing::ValuesIn(BadFraming()), NameOf);

std::vector<Case> BadChunks() {
  return {
      {"SizeMissing", Chunked("\r\nhello\r\n0\r\n\r\n"), "400"},
      {"SizeNotHex", Chunked("g\r\nhello\r\n0\r\n\r\n"), "400"},
      {"SizeWithPrefix", Chunked("0x5\r\nhello\r\n0\r\n\r\n"), "400"},
      {"SizeWithSign", Chunked("+5\r\nhello\r\n0\r\n\r\n"), "400"},
      {"SizeNegative", Chunked("-5\r\nhello\r\n0\r\n\r\n"), "400"},
      {"SizeWithBlank", Chunked("5 \r\nhello\r\n0\r\n\r\n"), "400"},
      {"SizeBeyond64Bits", Chunked("10000000000000005\r\nhello\r\n"), "400"},
      {"SizeEndsWithLf", Chunked("5\nhello\r\n0\r\n\r\n"), "400"},
      {"SizeEndsWithCr", Chunked("5\r\rhello\r\n0\r\n\r\n"), "400"},
      {"Extension", Chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), "400"},
      {"ExtensionWithoutName", Chunked("5;\r\nhello\r\n0\r\n\r\n"), "400"},
      {"ExtensionOfTheLastChunk", Chunked("5\r\nhello\r\n0;a\r\n\r\n"), "400"},
      {"DataTooLong", Chunked("5\r\nhello!\r\n0\r\n\r\n"), "400"},
      {"DataEndsWithLf", Chunked("5\r\nhello\n0\r\n\r\n"), "400"},
      {"DataTooShort", Chunked("5\r\nhell\r\n0\r\n\r\n"), "400"},
      {"Trailer", Chunked("5\r\nhello\r\n0\r\nX: y\r\n\r\n"), "400"},
      {"TrailerLength", Chunked("5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n"),
       "400"},
      {"EndsWithLf", Chunked("5\r\nhello\r\n0\r\n\n"), "400"},
      {"EndsWithCrCr", Chunked("5\r\nhello\r\n0\r\n\r\r\n"), "400"},
      {"LastChunkEndsWithLf", Chunked("5\r\nhello\r\n0\n\r\n"), "400"},
  };
}

INSTANTIATE_TEST_SUITE_P(RefusesChunks, RequestParserTest,
                         testing::ValuesIn(BadChunks()), NameOf);

std::vector<Case> BadLines() {
  const std::string host = "Host: h\r\n";
  return {
      {"BareLfInRequestLine", "GET /a HTTP/1.1\nHost: h\r\n\r\n", "400"},
      {"BareLfAfterField", "GET /a HTTP/1.1\r\nHost: h\n\r\n", "400"},
      {"BareLfAsLastLine", "GET /a HTTP/1.1\r\nHost: h\r\n\n", "400"},
      {"BareLfBeforeARequest", "\n" + kGet, "400"},
      {"BareCrInRequestLine", "GET /a\rb HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"BareCrBeforeARequest", "\r" + kGet, "400"},
      {"BareCrInValue", Post("X: a\rb\r\n"), "400"},
      {"CrCrLf", Post("X: a\r\r\n"), "400"},
      {"ManyEmptyLinesBefore", Repeat("\r\n", 5) + kGet, "400"},
      {"FoldedValue", Post("X: a\r\n b\r\n"), "400"},
      {"FoldedFirstLine", "GET /a HTTP/1.1\r\n X: a\r\n" + host + "\r\n",
       "400"},
      {"FoldedByTab", Post("X:\r\n\ta\r\n"), "400"},
  };
}

INSTANTIATE_TEST_SUITE_P(RefusesLines, RequestParserTest,
                         testing::ValuesIn(BadLines()), NameOf);

std::vector<Case> BadFields() {
  return {
      {"EmptyName", Post(": a\r\n"), "400"},
      {"NoColon", Post("X\r\n"), "400"},
      {"BlankInName", Post("X Y: a\r\n"), "400"},
      {"ZeroByteInName", Post("X\0Y: a\r\n"s), "400"},
      {"ZeroByteInValue", Post("X: a\0b\r\n"s), "400"},
      {"ControlByteInValue", Post("X: a\x01\r\n"), "400"},
      {"DeleteByteInValue", Post("X: a\x7f\r\n"), "400"},
      {"NoHost", "GET /a HTTP/1.1\r\n\r\n", "400"},
      {"TwoHosts", Post("host: h\r\n"), "400"},
      {"HostList", "GET /a HTTP/1.1\r\nHost: a, b\r\n\r\n", "400"},
      {"HostWithPath", "GET /a HTTP/1.1\r\nHost: h/x\r\n\r\n", "400"},
      {"HostWithUser", "GET /a HTTP/1.1\r\nHost: u@h\r\n\r\n", "400"},
      {"UnknownExpectation", Post("Expect: 200-ok\r\n"), "417"},
  };
}

INSTANTIATE_TEST_SUITE_P(RefusesFields, RequestParserTest,
                         testing::ValuesIn(BadFields()), NameOf);

std::vector<Case> BadRequestLines() {
  const std::string host = "Host: h\r\n";
  return {
      {"TwoBlanksBeforeTarget", "GET  /a HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"TwoBlanksAfterTarget", "GET /a  HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"BlankAfterVersion", "GET /a HTTP/1.1 \r\n" + host + "\r\n", "400"},
      {"BlankBeforeMethod", " GET /a HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"TabInRequestLine", "GET\t/a\tHTTP/1.1\r\n" + host + "\r\n", "400"},
      {"BlankInTarget", "GET /a b HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"NoTarget", "GET HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"Fragment", "GET /a#b HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"TargetBeyondAscii", "GET /\xc3\xa4 HTTP/1.1\r\n" + host + "\r\n",
       "400"},
      {"TargetOfAnotherScheme", "GET ftp://h/a HTTP/1.1\r\n" + host + "\r\n",
       "400"},
      {"AbsoluteTargetWithoutPath",
       "GET http://h?x=/y HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"Connect", "CONNECT h:443 HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"UnknownMethod", "FROB /a HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"LowerCaseMethod", "get /a HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"Http09", "GET /a\r\n\r\n", "400"},
      {"Http11WithoutNumber", "GET /a HTTP\r\n\r\n", "400"},
      {"Http12", "GET /a HTTP/1.2\r\n" + host + "\r\n", "400"},
      {"Http20", "GET /a HTTP/2.0\r\n" + host + "\r\n", "400"},
      {"LowerCaseVersion", "GET /a http/1.1\r\n" + host + "\r\n", "400"},
      {"Rtsp", "OPTIONS * RTSP/1.0\r\n" + host + "\r\n", "400"},
      {"RtspMethod", "DESCRIBE /a RTSP/1.0\r\n" + host + "\r\n", "400"},
      {"Icecast", "SOURCE /a ICE/1.0\r\n" + host + "\r\n", "400"},
  };
}

INSTANTIATE_TEST_SUITE_P(RefusesRequestLine, RequestParserTest,
                         testing::ValuesIn(BadRequestLines()), NameOf);

std::vector<Case> OtherProtocols() {
  return {
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"},
      {"TlsHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, "400"},
      {"SshBanner", "SSH-2.0-OpenSSH_9.2\r\n", "400"},
      {"ProxyProtocol", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + kGet, "400"},
      {"ZeroBytes", std::string(64, '\0'), "400"},
      {"Json", R"({"event":"message.sent"})", "400"},
      {"Response", "HTTP/1.1 200 OK\r\n\r\n", "400"},
  };
}

INSTANTIATE_TEST_SUITE_P(RefusesOtherProtocols, RequestParserTest,
                         testing::ValuesIn(OtherProtocols()), NameOf);

std::string HeaderOfBytes(std::size_t size) {
  const std::string fixed = "Host: h\r\nX: \r\n\r\n";
  return "GET /a HTTP/1.1\r\nHost: h\r\nX: " +
         std::string(size - fixed.size(), 'x') + "\r\n\r\n";
}

std::string GetTarget(std::size_t size) {
  return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

std::string ChunksOfOne(int count) {
  return Chunked(Repeat("1\r\nx\r\n", count) + "0\r\n\r\n");
}

std::vector<Case> AtTheLimits() {
  const std::string full(100, 'x');
  return {
      {"LargestTarget", GetTarget(64), "GET /" + std::string(63, 'a') + " []"},
      {"TargetOneTooLong", GetTarget(65), "414"},
      {"TargetWithoutEnd", "GET /" + std::string(500, 'a'), "414"},
      {"LargestHeader", HeaderOfBytes(512), "GET /a []"},
      {"HeaderOneTooLarge", HeaderOfBytes(513), "431"},
      {"HeaderWithoutEnd", Post("X: " + std::string(800, 'x')), "431"},
      {"NameWithoutEnd", "GET /a HTTP/1.1\r\n" + std::string(800, 'x'), "431"},
      {"MostFields", Post(Repeat("X: y\r\n", 7)), "POST /a []"},
      {"OneFieldTooMany", Post(Repeat("X: y\r\n", 8)), "431"},
      {"LargestBody", Post("Content-Length: 100\r\n", full),
       "POST /a [" + full + "]"},
      {"LengthOneTooLarge", Post("Content-Length: 101\r\n"), "413"},
      {"LengthFarTooLarge", Post("Content-Length: 9223372036854775807\r\n"),
       "413"},
      {"LargestChunk", Chunked("64\r\n" + full + "\r\n0\r\n\r\n"),
       "POST /a [" + full + "]"},
      {"ChunkOneTooLarge", Chunked("65\r\n"), "413"},
      {"ChunksTooLargeTogether",
       Chunked("63\r\n" + std::string(99, 'x') + "\r\n2\r\nxx\r\n"), "413"},
      {"ManySmallChunks", ChunksOfOne(100), "POST /a [" + full + "]"},
      {"ChunkSizeOfZerosWithoutEnd", Chunked(std::string(1'300, '0')), "413"},
  };
}

INSTANTIATE_TEST_SUITE_P(Limits, RequestParserTest,
                         testing::ValuesIn(AtTheLimits()), NameOf);

}  // namespace
}  // namespace tuco::http
