// Recognises a reply that asks not to be written to again.

#ifndef TUCO_OPT_OUT_H_
#define TUCO_OPT_OUT_H_

#include <string_view>

namespace tuco {

// Whether the whole of `text` is one of the words that carriers treat as an
// opt-out (STOP, STOPALL, STOP ALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT,
// OPT OUT, REVOKE), in any case, in ASCII or full-width letters, with blanks
// and punctuation around it. "Please stop by" is not one.
bool IsOptOut(std::string_view text);

}  // namespace tuco

#endif  // TUCO_OPT_OUT_H_
