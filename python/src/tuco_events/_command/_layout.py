"""Columns and bars of characters, as wide as a terminal allows."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def width_of(text: str) -> int:
    """How many cells of a terminal the text takes."""
    return sum(_cells(character) for character in text)


def fitted(text: str, width: int, right: bool = False) -> str:
    """The text in exactly that many cells: filled up with blanks, or cut."""
    if width_of(text) > width:
        text = _cut(text, width)
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks


def bar(share: float, width: int, blocks: bool) -> str:
    """A bar of which `share` is full; without blanks behind it.

    Args:
        share: From 0 to 1.
        width: The cells of a full one.
        blocks: Whether there are the characters for parts of a cell.
    """
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)  # What there is, is to be seen.
    if not blocks:
        return "#" * ((eighths + 7) // 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def interval_bar(
    low: float, share: float, high: float, width: int, blocks: bool
) -> str:
    """A bar up to `share`, and paler on from the interval's low to its high end."""
    ends = [round(min(max(end, 0.0), 1.0) * width) for end in (low, share, high)]
    full, middle, pale = "█▓░" if blocks else "#=-"
    sure, likely, possible = ends
    return full * sure + middle * (likely - sure) + pale * (possible - likely)


def rows_of(
    rows: Sequence[Sequence[str]], right: Sequence[bool], gap: str = "  "
) -> list[str]:
    """Lines whose columns stand below each other.

    Args:
        rows: The cells, as many in each.
        right: Of each column whether it is flush right.
        gap: What stands between two columns.
    """
    widths = [max(map(width_of, column)) for column in zip(*rows)]
    return [
        gap.join(
            fitted(cell, width, flush) for cell, width, flush in zip(row, widths, right)
        ).rstrip()
        for row in rows
    ]


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "FW" else 1


def _cut(text: str, width: int) -> str:
    kept = ""
    for character in text:
        if width_of(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"
