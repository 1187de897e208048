"""``trainmon compare``: which of two runs is better, since when, and what they have otherwise."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

SUMMARY = "compare two runs: which is better since when, settings by harm, curves at equal samples"


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    from trainmon.cli.check import add_role_option

    parser.add_argument("first", metavar="RUN", type=Path, help="a path that holds one run")
    parser.add_argument("second", metavar="RUN", type=Path, help="another one, of any format")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--metric", metavar="NAME", help="the metric that decides (default: the monitored one)"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="list all differences and all metrics"
    )
    add_role_option(parser)


def run(arguments: Namespace) -> int:
    """Read both runs and print how they differ."""
    from trainmon.comparison import compare
    from trainmon.one_run import reference_from, run_at, told_apart
    from trainmon.preferences import role_overrides
    from trainmon.report.comparison import comparison_text
    from trainmon.report.comparison_json import comparison_json

    roles = role_overrides(arguments.role)
    runs = [run_at(path, roles) for path in (arguments.first, arguments.second)]
    first, second = map(reference_from, told_apart(runs))
    comparison = compare(first, second, arguments.metric)
    if arguments.json:
        sys.stdout.write(comparison_json(comparison))
    else:
        sys.stdout.write(comparison_text(comparison, verbose=arguments.verbose))
    return 0
