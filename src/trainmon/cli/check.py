"""``trainmon check``: judge logs and exit with what was found."""

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

SUMMARY = "judge logs headless: 0 nothing found, 1 findings, 2 something could not be read"

_FOUND = 1
_PROBLEM = 2


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a file or a folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--fail-on",
        choices=("info", "warning", "error"),
        default="warning",
        help="the least severity that makes the exit code 1 (default: warning)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="tell all that was judged")


def run(arguments: Namespace) -> int:
    """Read everything once, print the judgement and return the exit code."""
    from trainmon.monitor import Monitor
    from trainmon.probes.process import process_of
    from trainmon.report.json import as_json
    from trainmon.report.text import as_text
    from trainmon.rule import Severity

    view = Monitor(arguments.paths, process=process_of).read_all(time.time())
    if arguments.json:
        sys.stdout.write(as_json(view))
        notices = (*view.notices, *(f"{run.name}: {n}" for run in view.runs for n in run.notices))
        sys.stderr.writelines(f"trainmon: note: {notice}\n" for notice in notices)
    else:
        sys.stdout.write(as_text(view, verbose=arguments.verbose))
    for failure in view.failures:
        sys.stderr.write(f"trainmon: {failure}\n")
    if view.failures:
        return _PROBLEM
    level = Severity[arguments.fail_on.upper()]
    counts = (run.findings_at(level) for run in view.runs if not run.superseded)
    return _FOUND if any(counts) else 0
