"""The command line: one verb per file, imported when it is called."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from trainmon import __version__
from trainmon.errors import TrainmonError
from trainmon.text import clean

PROBLEM = 2
"""The exit code where something could not be read or was misused."""

_INTERRUPTED = 130
"""The exit code that shells give a program ended by ctrl+c."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are one line on stderr with a hint."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except TrainmonError as error:
        if os.environ.get("TRAINMON_DEBUG"):
            raise
        sys.stderr.write(f"trainmon: {error}\n")
        return PROBLEM
    except BrokenPipeError:
        # Whoever read our output has enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        if os.environ.get("TRAINMON_DEBUG"):
            raise
        what = clean(f"{type(error).__name__}: {error}")
        sys.stderr.write(f"trainmon: a bug: {what} (TRAINMON_DEBUG=1 shows where)\n")
        return PROBLEM


def verbs() -> tuple[str, ...]:
    """Return the names of all commands."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trainmon",
        description="Watches training runs and says what is wrong, since when, why, what to do.",
    )
    parser.add_argument("--version", action="version", version=f"trainmon {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for verb in verbs():
        module = import_module(f"{__name__}.{verb}")
        command = commands.add_parser(verb, help=module.SUMMARY, description=module.SUMMARY)
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser
