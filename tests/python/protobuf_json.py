"""JSON as protobuf's own printer writes it."""

import json

# What protobuf's printer escapes although JSON allows it, as ranges.
_ESCAPED = [
    (0x3C, 0x3C), (0x3E, 0x3E), (0x7F, 0x9F), (0xAD, 0xAD), (0x600, 0x603),
    (0x6DD, 0x6DD), (0x70F, 0x70F), (0x17B4, 0x17B5), (0x200B, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x2064), (0x206A, 0x206F), (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB), (0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F),
]  # fmt: skip


def printed(event: object) -> str:
    """The object as protobuf prints it: one line, members in their order."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return "".join(
        escape(c) if any(a <= ord(c) <= b for a, b in _ESCAPED) else c for c in text
    )


def escape(character: str) -> str:
    """The character as one or two UTF-16 units in hexadecimal."""
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
