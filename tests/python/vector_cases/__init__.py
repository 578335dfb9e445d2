"""The bodies of the vectors, by file and name; tools/make_vectors signs them."""

from __future__ import annotations

from . import odd_bodies, shapes, sources, spellings

BODIES: dict[str, dict[str, bytes | str]] = {
    "bodies": odd_bodies.CASES,
    "shapes": shapes.CASES,
    "sources": sources.cases(),
    "spellings": spellings.CASES,
}

__all__ = ["BODIES"]
