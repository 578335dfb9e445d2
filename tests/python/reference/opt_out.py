"""Whether a reply asks not to be written to again: docs/events.md, `opt_out`."""

from __future__ import annotations

import re

_BLANK = "\\u0009-\\u000d\\u0020\\u00a0\\u2000-\\u200d\\u3000\\ufeff"
_PUNCTUATION = (
    "!-/:-@\\[-`{-~\\u00a1\\u00ab\\u00b7\\u00bb\\u00bf\\u200e-\\u206f"
    "\\u3001-\\u3003\\u3008-\\u301f"
)
_AROUND = f"[{_BLANK}{_PUNCTUATION}]*"
_GAP = f"[{_BLANK}-]+"
_WORDS = (
    f"STOP|STOPALL|STOP{_GAP}ALL|UNSUBSCRIBE|CANCEL|END|QUIT|OPTOUT|OPT{_GAP}OUT|REVOKE"
)
_OPT_OUT = re.compile(f"{_AROUND}(?:{_WORDS}){_AROUND}", re.ASCII | re.IGNORECASE)

_ASCII = {full_width: full_width - 0xFEE0 for full_width in range(0xFF01, 0xFF5F)}


def is_opt_out(text: str) -> bool:
    """Whether the whole text is one of the words, but for what is around it."""
    return _OPT_OUT.fullmatch(text.translate(_ASCII)) is not None
