// Texts that are JSON, texts that are not, and texts that RFC 8259 leaves open:
// what parsers are known to get wrong, a line each, after the fashion of the
// JSONTestSuite in our own words.
//
// What is left open is pinned to what V8's JSON.parse does with the bytes read
// as UTF-8; every line was held against node 20.

#ifndef TUCO_TESTS_LIB_JSON_SUITE_H_
#define TUCO_TESTS_LIB_JSON_SUITE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tuco {

struct JsonCase {
  const char* name;
  std::string text;
};

struct OpenJsonCase {
  const char* name;
  std::string text;
  bool accepted;
};

// A string, and what its bytes and escapes read as.
struct JsonTextCase {
  const char* name;
  std::string text;
  std::string decoded;
};

inline std::string Repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

// A text with NULs in it.
inline std::string Bytes(std::string_view text) { return std::string(text); }

inline std::vector<JsonCase> ValidDocuments() {
  return {
      {"null alone", "null"},
      {"true alone", "true"},
      {"false alone", "false"},
      {"a number alone", "42"},
      {"a negative number alone", "-0.1"},
      {"a string alone", "\"asd\""},
      {"an empty string alone", "\"\""},
      {"an empty array", "[]"},
      {"an empty object", "{}"},
      {"an array of nothing but blanks", "[ \t\r\n ]"},
      {"an object of nothing but blanks", "{ \t\r\n }"},
      {"a newline at the end", "[\"a\"]\n"},
      {"a blank in front", " 1"},
      {"every blank around a scalar", "\t\r\n true \n\r\t"},
      {"many blanks", Repeated(" \n\t\r", 2000) + "[]"},
  };
}

inline std::vector<JsonCase> ValidArrays() {
  return {
      {"empty arrays in an array", "[[],[[]]]"},
      {"an empty string in an array", "[\"\"]"},
      {"values of each kind", "[null,1,\"1\",{},[],true,false]"},
      {"an array that ends on a newline", "[\"a\"\n]"},
      {"nulls in a row", "[1,null,null,null,2]"},
      {"blanks at every place of an array", " [ 1 , [ ] , 2 ] "},
      {"a hundred thousand elements", "[0" + Repeated(",0", 100000) + "]"},
      {"elements of a hundred levels",
       Repeated("[", 100) + "1" + Repeated("]", 100)},
      {"brackets in a string", "[\"[{]}\"]"},
  };
}

inline std::vector<JsonCase> ValidNumbers() {
  return {
      {"zero", "[0]"},
      {"negative zero", "[-0]"},
      {"negative zero with a fraction", "[-0.0]"},
      {"zero with an exponent", "[0e1]"},
      {"zero with a signed exponent", "[0E+1]"},
      {"an exponent in lower case", "[1e22]"},
      {"an exponent in upper case", "[1E22]"},
      {"an exponent with a plus", "[1E+2]"},
      {"an exponent with a minus", "[1E-2]"},
      {"an exponent with leading zeros", "[1e0005]"},
      {"a fraction and an exponent", "[123.456e78]"},
      {"a fraction of zeros", "[1.000]"},
      {"a blank behind a number", "[4 ]"},
      {"a small fraction", "[0.0000000000000000000000000000000000001]"},
      {"a negative whole number", "[-123]"},
      {"a negative one", "[-1]"},
      {"nine digits", "[123456789]"},
      {"a number as a member", "{\"a\":-1.5e+3}"},
      {"the largest exact whole number", "[9007199254740993]"},
  };
}

inline std::vector<JsonCase> ValidStrings() {
  return {
      {"every short escape", R"(["\"\\\/\b\f\n\r\t"])"},
      {"an escaped letter", R"(["\u0061\u30af\u30EA\u30b9"])"},
      {"hexadecimal digits of both cases", R"(["\uaBcD\uAbCd"])"},
      {"an escaped pair", R"(["\uD801\udc37"])"},
      {"two escaped pairs", R"(["\ud83d\ude39\ud83d\udc8d"])"},
      {"an escaped zero", R"(["\u0000"])"},
      {"an escaped control character", R"(["\u0012"])"},
      {"an escaped escape", R"(["\\u0000"])"},
      {"a backslash that is escaped at the end", R"(["\\"])"},
      {"two of them", R"(["\\\\"])"},
      {"a quote that is escaped at the end", R"(["\""])"},
      {"an escaped slash", R"(["\/"])"},
      {"a slash that is not", R"(["/"])"},
      {"a comment in a string", R"(["a/*b*/c/*d//e"])"},
      {"an apostrophe", R"(["'"])"},
      {"blanks in a string", R"([" a b "])"},
      {"the delete character", "[\"a\x7f\"]"},
      {"two bytes a character", "[\"\u00e9\"]"},
      {"three bytes a character", "[\"\u20ac\u2342\"]"},
      {"four bytes a character", "[\"\U0001d11e\"]"},
      {"the last character of two bytes", "[\"\u07ff\"]"},
      {"the last character of three bytes", "[\"\uffff\"]"},
      {"the last character there is", "[\"\xf4\x8f\xbf\xbf\"]"},
      {"the first of four bytes", "[\"\xf0\x90\x80\x80\"]"},
      {"the characters around the surrogates",
       "[\"\xed\x9f\xbf\xee\x80\x80\"]"},
      {"a byte order mark in a string", "[\"\ufeff\"]"},
      {"escaped ones that are no characters", R"(["\uFDD0\uFFFE\uFFFF"])"},
      {"the last of a plane, escaped", R"(["\uDBFF\uDFFE"])"},
      {"line separators, which JavaScript once refused", "[\"\u2028\u2029\"]"},
      {"a no-break space", "[\"\u00a0\"]"},
      {"an invisible plus", R"(["\u2064"])"},
      {"a reversed comma", R"(["\u201a"])"},
      {"a string of a million bytes", "\"" + std::string(1000000, 'a') + "\""},
      {"a string of many escapes", "\"" + Repeated("\\u00e9", 50000) + "\""},
  };
}

inline std::vector<JsonCase> ValidObjects() {
  return {
      {"one member", R"({"a":[]})"},
      {"two members", R"({"asd":"sdf","dfg":"fgh"})"},
      {"an empty key", R"({"":0})"},
      {"a key twice", R"({"a":"b","a":"c"})"},
      {"a key twice with one value", R"({"a":"b","a":"b"})"},
      {"a key twice by way of an escape", R"({"a":1,"\u0061":2})"},
      {"an escaped key", R"({"foo\u0000bar":42})"},
      {"a key of JavaScript's", R"({"__proto__":{},"constructor":1})"},
      {"a key of digits", R"({"1":1,"0":2})"},
      {"a key with a quote", R"({"\"":1})"},
      {"a long key", "{\"" + std::string(10000, 'k') + "\":1}"},
      {"newlines between members", "{\n\"a\": \"b\"\n}"},
      {"blanks at every place of an object", " { \"a\" : 1 , \"b\" : { } } "},
      {"a colon and a comma in a key", R"({":,":":,"})"},
      {"objects in objects", R"({"a":{"b":{"c":{}}}})"},
      {"a thousand levels of objects",
       Repeated("{\"a\":", 1000) + "1" + Repeated("}", 1000)},
      {"a character of four bytes as a key", "{\"\U0001f600\":1}"},
  };
}

inline std::vector<JsonCase> InvalidDocuments() {
  using std::string_view_literals::operator""sv;
  return {
      {"nothing", ""},
      {"a blank", " "},
      {"a newline", "\n"},
      {"a byte order mark alone", "\xef\xbb\xbf"},
      {"half of a byte order mark", "\xef\xbb{}"},
      {"two values", "1 2"},
      {"two arrays", "[][]"},
      {"two objects", "{}{}"},
      {"a string behind an object", "{}\"a\""},
      {"a bracket behind an array", "[1]]"},
      {"a brace behind an object", "{\"a\":true}}"},
      {"a comma behind a value", "{\"a\":1},"},
      {"a colon alone", ":"},
      {"a comma alone", ","},
      {"an asterisk", "*"},
      {"a full stop", "."},
      {"a tag", "<null>"},
      {"a bracketed tag", "[<null>]"},
      {"a letter", "a"},
      {"an escape outside of a string", "[\\u000A\"\"]"},
      {"a backslash", "\\"},
      {"a NUL behind a value", Bytes("1\0"sv)},
      {"a NUL between values", Bytes("[1,\0 2]"sv)},
      {"a NUL in front", Bytes("\0[]"sv)},
      {"a form feed as a blank", "[\f1]"},
      {"a vertical tab as a blank", "[\v1]"},
      {"a no-break space as a blank", "[\u00a01]"},
      {"an ogham space as a blank", "[\u16801]"},
      {"a word joiner as a blank", "[\u2060]"},
      {"a line separator as a blank", "[1,\u20282]"},
      {"a zero-width space as a blank", "[\u200b]"},
      {"a next line as a blank", "[\u0085]"},
      {"a comment in front", "/* a */{}"},
      {"a comment behind", "{\"a\":\"b\"}/**/"},
      {"a comment that does not end", "{\"a\":\"b\"}/**"},
      {"a comment to the end of the line", "{\"a\":\"b\"}//"},
      {"a comment in an object", "{\"a\":/*comment*/\"b\"}"},
      {"a hash comment", "{\"a\":\"b\"}#"},
      {"UTF-16 with the low byte first", Bytes("[\0]\0"sv)},
      {"UTF-16 with the high byte first", Bytes("\0[\0]"sv)},
  };
}

inline std::vector<JsonCase> InvalidWords() {
  using std::string_view_literals::operator""sv;
  return {
      {"null that is cut", "nul"},
      {"true that is cut", "[tru]"},
      {"false that is cut", "[fals]"},
      {"null with a letter too many", "nulll"},
      {"null in upper case", "[NULL]"},
      {"true with a capital", "[True]"},
      {"undefined", "[undefined]"},
      {"a name", "[name]"},
      {"two words together", "[truefalse]"},
      {"a word and a number together", "[null1]"},
      {"a number and a word together", "[1null]"},
      {"a word and a string together", "[true\"a\"]"},
      {"a word cut by a NUL", Bytes("[tr\0ue]"sv)},
      {"a word with a character of two bytes", "[nul\u00e9]"},
  };
}

inline std::vector<JsonCase> InvalidNumbers() {
  using std::string_view_literals::operator""sv;
  return {
      {"not a number", "[NaN]"},
      {"not a number, negative", "[-NaN]"},
      {"infinity", "[Infinity]"},
      {"infinity, negative", "[-Infinity]"},
      {"infinity, short", "[Inf]"},
      {"a plus in front", "[+1]"},
      {"two pluses", "[++1234]"},
      {"a minus alone", "[-]"},
      {"two minuses", "[--2.]"},
      {"a minus and a blank", "[- 1]"},
      {"a minus and a letter", "[-foo]"},
      {"a minus and a full stop", "[-.123]"},
      {"a minus behind", "[1-]"},
      {"a zero in front", "[012]"},
      {"a zero in front, negative", "[-012]"},
      {"two zeros", "[00]"},
      {"a zero in front of a fraction", "[01.5]"},
      {"a fraction without digits", "[1.]"},
      {"a fraction without digits, negative", "[-2.]"},
      {"a fraction without digits and an exponent", "[2.e3]"},
      {"a fraction without a whole", "[.2e-3]"},
      {"two fractions", "[1.2.3]"},
      {"two full stops", "[1..2]"},
      {"a comma for the full stop of a number", "{\"a\":1,5}"},
      {"an exponent without digits", "[1e]"},
      {"an exponent with a sign only", "[1.0e+]"},
      {"an exponent with a minus only", "[1.0e-]"},
      {"an exponent with two signs", "[1e+-2]"},
      {"an exponent twice", "[1eE2]"},
      {"an exponent of an exponent", "[1e2e3]"},
      {"an exponent with a fraction", "[1e2.5]"},
      {"an exponent alone", "[e3]"},
      {"zero, an exponent and nothing", "[0e]"},
      {"zero, an exponent and a plus", "[0E+]"},
      {"a thousand with a blank", "[1 000]"},
      {"a thousand with an underscore", "[1_000]"},
      {"a thousand with an apostrophe", "[1'000]"},
      {"a hexadecimal number", "[0x42]"},
      {"an octal number", "[0o17]"},
      {"a binary number", "[0b11]"},
      {"a big integer of JavaScript", "[42n]"},
      {"a float of C", "[1.5f]"},
      {"a number and a letter", "[1a]"},
      {"an expression", "[1+2]"},
      {"a full-width digit", "[\uff11]"},
      {"a number with a NUL", Bytes("[1\0]"sv)},
      {"a number with a byte that is no UTF-8", "[123\xe5]"},
      {"an exponent with a byte that is no UTF-8", "[1e1\xe5]"},
      {"a colon in a number", "[1:2]"},
      {"a zero and an x", "0x"},
      {"a number that is cut at the end", "-"},
  };
}

inline std::vector<JsonCase> InvalidStrings() {
  using std::string_view_literals::operator""sv;
  return {
      {"a quote alone", "\""},
      {"a string that is cut", "[\"a"},
      {"a string cut behind a backslash", "[\"\\"},
      {"a string whose end is escaped", "[\"\\\"]"},
      {"three backslashes", R"(["\\\"])"},
      {"single quotes", "['single quote']"},
      {"a quote on one side", "[\"x]"},
      {"no quotes", "[abc]"},
      {"typographic quotes", "[\u201ca\u201d]"},
      {"backticks", "[`a`]"},
      {"a string and a letter", "[\"a\"b]"},
      {"two strings together", "[\"a\"\"b\"]"},
      {"an unknown escape", R"(["\a"])"},
      {"an escape in hexadecimal", R"(["\x00"])"},
      {"an octal escape", R"(["\0"])"},
      {"an escaped apostrophe", R"(["\'"])"},
      {"an escaped newline", "[\"\\\n\"]"},
      {"an escaped tab", "[\"\\\t\"]"},
      {"an escaped NUL byte", Bytes("[\"\\\0\"]"sv)},
      {"an escaped character of four bytes", "[\"\\\U0001f300\"]"},
      {"an escaped byte that is no UTF-8", "[\"\\\xe5\"]"},
      {"an escape in upper case", R"(["\N"])"},
      {"an escape of no digits", R"(["\u"])"},
      {"an escape of one digit", R"(["\u1"])"},
      {"an escape of three digits", R"(["\u00A"])"},
      {"an escape with a letter that is no digit", R"(["\u00zz"])"},
      {"an escape with braces", R"(["\u{1F600}"])"},
      {"an escape with a sign", R"(["\u+123"])"},
      {"an escape with a blank", R"(["\u 123"])"},
      {"an escape with a byte that is no UTF-8", "[\"\\u12\xe5\x34\"]"},
      {"the second half of a pair that is cut", R"(["\uD834\uDd"])"},
      {"the second half of a pair without digits", R"(["\uD800\u"])"},
      {"the second half of a pair with one digit", R"(["\uD800\u1"])"},
      {"the second half of a pair with a wrong digit", R"(["\uD800\u1x00"])"},
      {"a backslash behind half of a pair", R"(["\uD800\"])"},
      {"a newline in a string", "[\"new\nline\"]"},
      {"a carriage return in a string", "[\"a\rb\"]"},
      {"a tab in a string", "[\"\t\"]"},
      {"a NUL in a string", Bytes("[\"a\0a\"]"sv)},
      {"the last control character in a string", "[\"\x1f\"]"},
      {"a control character in a key", "{\"a\nb\":1}"},
      {"a control character behind many others",
       "\"" + std::string(100, 'a') + "\x01" + std::string(100, 'a') + "\""},
      {"a bad escape behind many characters",
       "\"" + std::string(100, 'a') + "\\q" + std::string(100, 'a') + "\""},
  };
}

inline std::vector<JsonCase> InvalidArrays() {
  return {
      {"a bracket alone", "["},
      {"a closing bracket alone", "]"},
      {"a hundred thousand brackets", std::string(100000, '[')},
      {"an array that is cut", "[\"\""},
      {"an array cut behind a comma", "[1,"},
      {"an array cut behind a word", "[true"},
      {"an array cut behind a newline", "[1,\n1\n,1"},
      {"a comma at the end", "[1,]"},
      {"two commas at the end", "[1,,]"},
      {"a comma in front", "[,1]"},
      {"two commas", "[1,,2]"},
      {"a comma only", "[,]"},
      {"a blank and a comma", "[   , \"\"]"},
      {"no comma", "[1 true]"},
      {"no comma between arrays", "[3[4]]"},
      {"a colon for a comma", "[\"\": 1]"},
      {"a semicolon for a comma", "[1;2]"},
      {"a brace for the closing bracket", "[1}"},
      {"a member in an array", "[\"a\":1]"},
      {"three dots", "[...]"},
      {"an array that begins again", "[[1,2"},
      {"brackets crossed", "[{]}"},
      {"parentheses", "(1,2)"},
  };
}

inline std::vector<JsonCase> InvalidObjects() {
  return {
      {"a brace alone", "{"},
      {"a closing brace alone", "}"},
      {"an object cut behind a key", "{\"a\""},
      {"an object cut behind a colon", "{\"a\":"},
      {"an object cut behind a value", "{\"a\":1"},
      {"an object cut behind a comma", "{\"a\":1,"},
      {"a thousand objects that are cut", Repeated("{\"a\":", 1000)},
      {"arrays and objects that are cut", Repeated("[{\"\":", 50000)},
      {"a key without a value", "{\"a\"}"},
      {"a key and a colon without a value", "{\"a\":}"},
      {"a value without a key", "{:\"b\"}"},
      {"a colon twice", "{\"x\"::\"b\"}"},
      {"a comma for the colon", "{\"x\",null}"},
      {"an equals sign for the colon", "{\"a\"=1}"},
      {"an arrow for the colon", "{\"a\"=>1}"},
      {"no colon", "{\"a\" \"b\"}"},
      {"a key without quotes", "{a:\"b\"}"},
      {"a key in single quotes", "{'a':0}"},
      {"a number as a key", "{1:1}"},
      {"an exponent as a key", "{9999E9999:1}"},
      {"null as a key", "{null:null,null:null}"},
      {"an array as a key", "{[]:1}"},
      {"an emoji as a key, without quotes", "{\U0001f1e8\U0001f1ed}"},
      {"a comma behind a member", "{\"id\":0,}"},
      {"many commas behind a member", "{\"id\":0,,,,,}"},
      {"a comma in front of a member", "{,\"id\":0}"},
      {"two commas between members", "{\"a\":\"b\",,\"c\":\"d\"}"},
      {"no comma between members", "{\"a\":1 \"b\":2}"},
      {"a bracket for the closing brace", "{\"a\":1]"},
      {"a value behind a value", "{\"a\":\"a\" 123}"},
      {"a spread", "{...a}"},
      {"an object in an object without a key", "{{}}"},
      {"a string only", "{\"foo\":\"bar\",\"a\""},
  };
}

inline std::vector<OpenJsonCase> OpenJson() {
  return {
      {"a byte order mark in front of a value", "\xef\xbb\xbf{}", false},
      {"a byte order mark behind a value", "{}\xef\xbb\xbf", false},
      {"a number too large for a double", "[1e400]", true},
      {"a negative number too large for a double", "[-1e+9999]", true},
      {"a number too small for a double", "[1e-400]", true},
      {"an exponent of many digits", "[0.4e006699999999999999999999]", true},
      {"a whole number beyond 64 bits", "[100000000000000000000]", true},
      {"a whole number below 64 bits", "[-123123123123123123123]", true},
      {"a number of ten thousand digits", std::string(10000, '1'), true},
      {"a fraction of ten thousand digits", "0." + std::string(10000, '1'),
       true},
      {"the first half of a pair", R"(["\uD800"])", true},
      {"the second half of a pair", R"(["\uDFAA"])", true},
      {"a pair the wrong way round", R"(["\uDd1e\uD834"])", true},
      {"the first half twice", R"(["\uD800\uD800"])", true},
      {"the first half and another escape", R"(["\uD800\n"])", true},
      {"the first half and a character", R"(["\uD800abc"])", true},
      {"half of a pair as a key", R"({"\uDFAA":0})", true},
      {"a surrogate in three bytes", "[\"\xed\xa0\x80\"]", true},
      {"a byte that no character has", "[\"\xff\"]", true},
      {"a continuation alone", "[\"\x81\"]", true},
      {"two bytes for an ASCII character", "[\"\xc0\xaf\"]", true},
      {"six bytes for an ASCII character", "[\"\xfc\x83\xbf\xbf\xbf\xbf\"]",
       true},
      {"a character that is cut by the quote", "[\"\xe0\xff\"]", true},
      {"a character of Latin-1", "[\"\xe9\"]", true},
      {"a character beyond the last", "[\"\xf4\x90\x80\x80\"]", true},
      {"a byte that is no UTF-8 as a key", "{\"\xb9\":\"0\"}", true},
      {"a byte that is no UTF-8 outside of a string", "[\xff]", false},
      {"a byte that is no UTF-8 behind a value", "[]\xff", false},
      {"five hundred arrays", Repeated("[", 500) + Repeated("]", 500), true},
      {"five thousand objects",
       Repeated("{\"a\":", 5000) + "0" + Repeated("}", 5000), true},
  };
}

inline std::vector<JsonTextCase> IllFormedJsonTexts() {
  return {
      {"the first half of a pair", R"("\uD800")", "\ufffd"},
      {"the second half of a pair", R"("\uDFAA")", "\ufffd"},
      {"a pair the wrong way round", R"("\uDd1e\uD834")", "\ufffd\ufffd"},
      {"a pair behind its first half", R"("\uD83D\uD83D\uDE00")",
       "\ufffd\U0001f600"},
      {"the first half and another escape", R"("\uD800\n")", "\ufffd\n"},
      {"the first half and a character", R"("\uD800abc")", "\ufffdabc"},
      {"a byte that no character has", "\"a\xff\"", "a\ufffd"},
      {"a continuation alone", "\"\x81z\"", "\ufffdz"},
      {"two bytes for an ASCII character", "\"\xc0\xaf\"", "\ufffd\ufffd"},
      {"a surrogate in three bytes", "\"\xed\xa0\x80\"", "\ufffd\ufffd\ufffd"},
      {"three bytes that are cut", "\"\xe2\x82\"", "\ufffd"},
      {"four bytes that are cut", "\"\xf0\x9f\x98x\"", "\ufffdx"},
      {"a character beyond the last", "\"\xf4\x90\x80\x80\"",
       "\ufffd\ufffd\ufffd\ufffd"},
      {"half of a pair that is escaped, half that is not",
       "\"\\ud83d\xed\xb8\x80\"", "\ufffd\ufffd\ufffd\ufffd"},
  };
}

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_JSON_SUITE_H_
