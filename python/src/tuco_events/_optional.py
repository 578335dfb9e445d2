"""Packages that this one does without until somebody asks for them."""

from __future__ import annotations

import importlib
from typing import Any


def optional(module: str, extra: str) -> Any:
    """Imports a module that is not everybody's.

    Args:
        module: Its name.
        extra: The extra of this package that installs it.

    Returns:
        The module.

    Raises:
        ImportError: It is not installed; the message says how to.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"this needs {module}, which is not installed: "
            f'pip install "tuco-events[{extra}]"',
            name=module,
        ) from error
