"""``trainmon check``: judge logs and exit with what was found."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it is loaded when the command runs
    from trainmon.decisions import Recorder

SUMMARY = "judge logs headless: 0 nothing found, 1 findings, 2 something could not be read"

_FOUND = 1
_PROBLEM = 2


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", type=Path, help="a file, a folder, or - for a pipe"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--fail-on",
        choices=("info", "warning", "error"),
        default="warning",
        help="the least severity that makes the exit code 1 (default: warning)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="tell all that was judged")
    add_role_option(parser)
    add_setting_option(parser)
    add_reference_option(parser)
    add_record_option(parser)
    parser.add_argument(
        "--no-mutes", action="store_true", help="count what was muted on the screen as well"
    )


def add_record_option(parser: ArgumentParser) -> None:
    """Add the option that names a file of incidents, wherever runs are judged."""
    parser.add_argument(
        "--record",
        metavar="FILE",
        type=Path,
        help="append each decision of a rule to this file, as a line of JSON",
    )


def recording(
    path: Path | None, names: Mapping[str, str] | None = None
) -> "AbstractContextManager[Recorder | None]":
    """Return what decisions are recorded with, as a context; nothing without a path.

    `names` tells what paths are called that are read in place of others.
    """
    if path is None:
        return nullcontext()
    from trainmon.report.incident_file import incident_file

    return incident_file(path, names)


def add_reference_option(parser: ArgumentParser) -> None:
    """Add the option that names a run that worked, wherever runs are judged."""
    parser.add_argument(
        "--reference",
        metavar="RUN",
        type=Path,
        help="a run that worked, to compare with: what this one has otherwise counts as evidence",
    )


def add_role_option(parser: ArgumentParser) -> None:
    """Add the option that says what a metric is, wherever logs are read."""
    parser.add_argument(
        "--role",
        metavar="ROLE=METRIC",
        action="append",
        default=[],
        help="what a metric is, whatever it is called: train_loss=my_loss, "
        "val_metric=score/*:higher (repeatable; config.toml holds more under [roles])",
    )


def add_setting_option(parser: ArgumentParser) -> None:
    """Add the option that tells settings of a run, wherever runs are judged."""
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="settings",
        help="a setting that the log tells wrongly or not at all: num_classes=10, "
        "warmup_steps=500, epochs=90 (repeatable; config.toml holds more under [settings])",
    )


def run(arguments: Namespace) -> int:
    """Read everything once, print the judgement and return the exit code."""
    from trainmon.attention import Remembered, attended, attention_path
    from trainmon.given import Given
    from trainmon.monitor import Monitor
    from trainmon.one_run import reference_at
    from trainmon.preferences import role_overrides, told_settings
    from trainmon.probes.process import process_of
    from trainmon.report.json import as_json
    from trainmon.report.text import as_text
    from trainmon.roles import Overrides
    from trainmon.rule import Severity
    from trainmon.standard_input import as_piped, spooled

    roles = role_overrides(arguments.role)
    reference = arguments.reference and reference_at(arguments.reference, roles)
    beside = Given(roles, told_settings(arguments.settings), reference)
    with spooled(arguments.paths) as paths:
        names = {str(path): "-" for path in paths if path not in arguments.paths}
        with recording(arguments.record, names) as recorder:
            monitor = Monitor(paths, given=beside, process=process_of, recorder=recorder)
            view = as_piped(monitor.read_all(time.time()), arguments.paths, paths)
    remembered = Remembered(attention_path())
    said = remembered.attention
    view = attended(view, said.without_mutes() if arguments.no_mutes else said)
    if remembered.notice:
        sys.stderr.write(f"trainmon: note: {remembered.notice}\n")
    if arguments.json:
        sys.stdout.write(as_json(view))
        notices = (*view.notices, *(f"{run.name}: {n}" for run in view.runs for n in run.notices))
        sys.stderr.writelines(f"trainmon: note: {notice}\n" for notice in notices)
    else:
        width = get_terminal_size().columns if sys.stdout.isatty() else None
        sys.stdout.write(as_text(view, verbose=arguments.verbose, width=width))
    # Of what the file of preferences says, most is about other projects.
    given = Overrides(roles.told[: len(arguments.role)])
    for pattern in given.unused(name for run in view.runs for name in run.lead.series):
        sys.stderr.write(f"trainmon: note: no run logs {pattern}, which --role names\n")
    for failure in view.failures:
        sys.stderr.write(f"trainmon: {failure}\n")
    if view.failures:
        return _PROBLEM
    level = Severity[arguments.fail_on.upper()]
    counts = (run.findings_at(level) for run in view.runs if not run.superseded)
    return _FOUND if any(counts) else 0
