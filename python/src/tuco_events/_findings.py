"""What `explain` finds."""

from __future__ import annotations

from dataclasses import dataclass

from ._core import Certainty, FindingKind


@dataclass(frozen=True)
class Finding:
    """What would have to be different for a signature to match.

    Attributes:
        kind: What was found; docs/verification.md says what to do about each.
        certainty: CERTAIN where a digest matched, HINT where it looks like it.
        secret_name: The secret that is concerned; empty for none.
        text: One sentence that says what to change. It has nothing of a secret
            or a body in it.
    """

    kind: FindingKind
    certainty: Certainty
    secret_name: str
    text: str
