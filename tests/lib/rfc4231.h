// The test cases of RFC 4231 ("Identifiers and Test Vectors for HMAC-SHA-256
// and others"), section 4, for HMAC-SHA-256.

#ifndef TUCO_TESTS_LIB_RFC4231_H_
#define TUCO_TESTS_LIB_RFC4231_H_

#include <string>
#include <string_view>
#include <vector>

namespace tuco {

struct Rfc4231Case {
  int number;
  std::string key;
  std::string message;
  // Lower-case hexadecimal; case 5 publishes the first 128 bits only.
  std::string_view tag_prefix;
};

inline std::vector<Rfc4231Case> Rfc4231Cases() {
  std::string counting_key;
  for (char byte = 1; byte <= 25; ++byte) counting_key.push_back(byte);
  return {
      {1, std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {2, "Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {3, std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {4, counting_key, std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {5, std::string(20, '\x0c'), "Test With Truncation",
       "a3b6167473100ee06e0c796c2955552b"},
      {6, std::string(131, '\xaa'),
       "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {7, std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than "
       "block-size data. The key needs to be hashed before being used by the "
       "HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
}

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_RFC4231_H_
