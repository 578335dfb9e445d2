"""The command `python -m tuco_events`: verify, convert and stats."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .._core import __version__
from .._errors import FormatError, LogError
from . import _convert, _stats, _verify
from ._console import (
    DAMAGED,
    INTERRUPTED,
    UNAVAILABLE,
    USAGE,
    CommandError,
    close_stdout,
    end_on_signals,
    fail,
)

_EPILOG = """\
exit codes:
  0 done; 1 a negative answer (some deliveries are not genuine); 2 wrong usage, or
  something that cannot be read; 3 a package is missing; 4 data are damaged, or
  cannot be written; 130 interrupted, 143 or 129 ended by SIGTERM or SIGHUP.

examples:
  python -m tuco_events verify --secret-file secret.txt deliveries.ndjson
  python -m tuco_events convert deliveries.ndjson.gz events.parquet
  python -m tuco_events stats data --by campaign
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: What stands behind the program's name; by default this
            process's own.

    Returns:
        The exit code.
    """
    if sys.stdout is None:
        return fail(DAMAGED, "stdout is closed")
    end_on_signals()
    try:
        return _run(arguments)
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            # It has been said; at its end the interpreter would say so again.
            close_stdout()


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = _parser().parse_args(arguments)
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # As behind `| head`: nobody wants the rest.
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except CommandError as failure:
        return fail(failure.code, str(failure))
    except (FormatError, LogError) as error:
        return fail(DAMAGED, str(error))
    except ImportError as error:
        return fail(UNAVAILABLE, str(error))
    except OSError as error:
        if error.filename is not None:
            return fail(USAGE, f"{error.filename}: {error.strerror}")
        return fail(DAMAGED, f"cannot write to stdout: {error.strerror}")
    except ValueError as error:
        return fail(USAGE, str(error))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tuco_events",
        description="Works with archives and logs of Tuco's deliveries.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (_verify, _convert, _stats):
        command.add_to(commands)
    return parser
