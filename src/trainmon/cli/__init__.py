"""The command line: one verb per file, imported when it is called."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import NoReturn

from trainmon import __version__
from trainmon.errors import TrainmonError, UsageError
from trainmon.text import clean

PROBLEM = 2
"""The exit code where something could not be read or was misused."""

_INTERRUPTED = 130
"""The exit code that shells give a program ended by ctrl+c."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are one line on stderr with a hint."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        parsed = _parser(given).parse_args(given)
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
    except OSError as error:
        sys.stderr.write(f"trainmon: {clean(str(error))}\n")
        return PROBLEM
    except Exception as error:
        if os.environ.get("TRAINMON_DEBUG"):
            raise
        what = clean(f"{type(error).__name__}: {error}")
        sys.stderr.write(f"trainmon: a bug: {what} (TRAINMON_DEBUG=1 shows where)\n")
        return PROBLEM


def verbs() -> tuple[str, ...]:
    """Return the names of all commands."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


class _Parser(argparse.ArgumentParser):
    """Raises what argparse would print on two lines."""

    def error(self, message: str) -> NoReturn:
        """Raise a misuse of the command line."""
        raise UsageError(message, hint=f"see {self.prog} --help")


def _parser(arguments: Sequence[str]) -> _Parser:
    """Return the parser of the command that is called, or of all where help may be wanted."""
    called = tuple(verb for verb in verbs() if verb in arguments[:1])
    parser = _Parser(
        prog="trainmon",
        description="Watches training runs and says what is wrong, since when, why, what to do.",
    )
    parser.add_argument("--version", action="version", version=f"trainmon {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for verb in called or verbs():
        module = import_module(f"{__name__}.{verb}")
        command = commands.add_parser(verb, help=module.SUMMARY, description=module.SUMMARY)
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser
