"""The package's version, for scikit-build-core: the project's own.

In the repository it stands in the top CMakeLists.txt, in a source distribution
in PKG-INFO.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (
    (_PACKAGE / "PKG-INFO", r"^Version: (\S+)$"),
    (_PACKAGE.parent / "CMakeLists.txt", r"^project\(tuco-events VERSION (\S+) "),
)


def dynamic_metadata(field: str, _settings: dict[str, Any], *_: Any) -> str:
    """The value of `field`, which can only be the version."""
    if field != "version":
        raise ValueError(f"expected the field version, found {field}")
    for path, pattern in _PLACES:
        if path.exists() and (found := re.search(pattern, path.read_text(), re.M)):
            return found[1]
    raise RuntimeError("no version in " + " or ".join(str(path) for path, _ in _PLACES))
