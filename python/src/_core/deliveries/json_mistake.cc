#include "_core/deliveries/json_mistake.h"

#include <cctype>
#include <vector>

namespace tuco::python::deliveries {
namespace {

// Reads on as long as the text can still become JSON. Each step that cannot
// answers false, with `at_` at the byte that is in the way.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t Run() {
    while (value_next_ || !levels_.empty()) {
      if (value_next_ ? !Value() : !Follow()) return at_;
    }
    Blanks();
    return at_;
  }

 private:
  bool Has(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool Take(char c) {
    if (!Has(c)) return false;
    ++at_;
    return true;
  }
  void Blanks() {
    while (Has(' ') || Has('\t') || Has('\n') || Has('\r')) ++at_;
  }

  // A scalar, or what opens an array or object, with a first key if it has one.
  bool Value() {
    value_next_ = false;
    Blanks();
    if (Take('{')) return Open(true);
    if (Take('[')) return Open(false);
    if (Has('"')) return String();
    if (Has('t')) return Word("true");
    if (Has('f')) return Word("false");
    if (Has('n')) return Word("null");
    return Number();
  }

  bool Open(bool object) {
    levels_.push_back(object);
    Blanks();
    value_next_ = !Has(object ? '}' : ']');
    return !value_next_ || !object || Key();
  }

  // What follows a value: a comma and the next one, or the end of its level.
  bool Follow() {
    Blanks();
    const bool object = levels_.back();
    if (Take(object ? '}' : ']')) {
      levels_.pop_back();
      return true;
    }
    value_next_ = Take(',');
    return value_next_ && (!object || Key());
  }

  bool Key() {
    Blanks();
    if (!String()) return false;
    Blanks();
    return Take(':');
  }

  bool String() {
    if (!Take('"')) return false;
    while (at_ < text_.size() &&
           static_cast<unsigned char>(text_[at_]) >= ' ') {
      if (Take('"')) return true;
      if (Take('\\')) {
        if (!Escape()) return false;
      } else {
        ++at_;
      }
    }
    return false;
  }

  bool Escape() {
    constexpr std::string_view kSingle = "\"\\/bfnrt";
    if (Take('u')) return HexDigit() && HexDigit() && HexDigit() && HexDigit();
    if (at_ == text_.size() ||
        kSingle.find(text_[at_]) == std::string_view::npos) {
      return false;
    }
    ++at_;
    return true;
  }

  bool HexDigit() {
    if (at_ == text_.size() ||
        std::isxdigit(static_cast<unsigned char>(text_[at_])) == 0) {
      return false;
    }
    ++at_;
    return true;
  }

  bool Word(std::string_view word) {
    for (const char c : word) {
      if (!Take(c)) return false;
    }
    return true;
  }

  bool Digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ != begin;
  }

  bool Number() {
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (!Has('e') && !Has('E')) return true;
    ++at_;
    if (!Take('+')) Take('-');
    return Digits();
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  bool value_next_ = true;
  std::vector<bool> levels_;  // Open arrays and objects; true is an object.
};

}  // namespace

std::size_t JsonMistake(std::string_view text) { return Scanner(text).Run(); }

}  // namespace tuco::python::deliveries
