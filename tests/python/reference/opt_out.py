"""Whether a reply asks not to be written to again."""

from __future__ import annotations

import unicodedata

_WORDS = {
    "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT",
    "OPTOUT", "OPT OUT", "REVOKE",
}  # fmt: skip

# U+FF21 is a full-width A.
_ASCII_LETTERS = {
    first + 0xFEE0 + offset: first + offset
    for first in (ord("A"), ord("a"))
    for offset in range(26)
}


def is_opt_out(text: str) -> bool:
    """Whether the whole text is one of the words.

    In any case, in ASCII or full-width letters, with blanks and punctuation
    around it.
    """
    letters = text.translate(_ASCII_LETTERS)
    while letters and _is_around(letters[0]):
        letters = letters[1:]
    while letters and _is_around(letters[-1]):
        letters = letters[:-1]
    return letters.isascii() and letters.upper() in _WORDS


def _is_around(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] in "PZ"
