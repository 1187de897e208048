"""``trainmon formats``: the formats that are read, or how a file was understood."""

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

SUMMARY = "list the formats, or tell how a log was understood: runs, steps, metrics and roles"

_PROBLEM = 2


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    from trainmon.cli.check import add_role_option

    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, help="a file, a folder, or - for a pipe"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="list all metrics and the superseded runs"
    )
    add_role_option(parser)


def run(arguments: Namespace) -> int:
    """Print the table of formats, or what was made of the given paths."""
    from trainmon.preferences import role_overrides
    from trainmon.report.formats import (
        formats_json,
        formats_table,
        understanding_json,
        understanding_text,
    )
    from trainmon.sources import all_sources

    sources = all_sources()
    if not arguments.paths:
        sys.stdout.write((formats_json if arguments.json else formats_table)(sources))
        return 0
    from trainmon.given import Given
    from trainmon.monitor import Monitor
    from trainmon.standard_input import as_piped, spooled

    roles = role_overrides(arguments.role)
    with spooled(arguments.paths) as paths:
        read = Monitor(paths, rules=(), given=Given(roles=roles)).read_all(time.time())
        view = as_piped(read, arguments.paths, paths)
    if arguments.json:
        sys.stdout.write(understanding_json(view))
    else:
        sys.stdout.write(understanding_text(view, sources, verbose=arguments.verbose))
    for failure in view.failures:
        sys.stderr.write(f"trainmon: {failure}\n")
    return _PROBLEM if view.failures else 0
