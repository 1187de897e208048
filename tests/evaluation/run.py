"""Judges real trainings, with faults and without, and prints how well they are told apart.

    python -m tests.evaluation.run [--quick] [--half tuning|reported] [--tools] [--readme]

The figures told to others are those of the half that no threshold was chosen on. The exit code is
1 if a figure misses what is required, if a judgement broke, or if there was nothing to judge.
"""

import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from tests.evaluation import judging, tables
from tests.evaluation.case import Case
from tests.evaluation.figures import Figures, figures
from tests.evaluation.logs import write_log
from tests.evaluation.misses import misses
from tests.evaluation.required import unmet
from tests.evaluation.results import as_json
from tests.evaluation.tools.runmedic import RUNMEDIC
from tests.evaluation.tools.trainproof import TRAINPROOF
from tests.evaluation.verdict import Verdict

README = Path(__file__).parents[2] / "README.md"
TOOLS = (RUNMEDIC, TRAINPROOF)
PROCESSES = 2
"""What the small machines of continuous integration have."""

_SECTION = re.compile(r"(<!-- generated: evaluation -->\n).*?(<!-- end -->)", re.DOTALL)

Verdicts = Mapping[str, Sequence[Verdict]]
"""By tool, trainmon first."""


def parser() -> ArgumentParser:
    """Return the parser of the command line."""
    made = ArgumentParser(
        "python -m tests.evaluation.run", description=(__doc__ or "").split("\n")[0]
    )
    made.add_argument("--quick", action="store_true", help="a part of the cases, in minutes")
    made.add_argument("--half", choices=("tuning", "reported"), default="reported")
    made.add_argument("--tools", action="store_true", help="other log checkers as well")
    made.add_argument("--readme", action="store_true", help="write the summary, with the tools")
    made.add_argument("--misses", action="store_true", help="tell each mistake")
    made.add_argument("--only", metavar="TEXT", help="the cases whose names contain this text")
    made.add_argument("--write", metavar="FOLDER", type=Path, help="keep the logs there")
    made.add_argument("--json", metavar="FILE", type=Path, help="write each verdict there")
    made.add_argument("--processes", type=int, default=PROCESSES)
    return made


def evaluate(cases: Iterable[Case], *, tools: bool, processes: int) -> Verdicts:
    """Return the verdicts on some cases, in their order."""
    work = partial(_judged, tools=tools)
    if processes > 1:
        # Trainings leave threads behind, which a forked process would be without.
        with get_context("spawn").Pool(processes) as pool:
            judged = list(pool.imap(work, cases))
    else:
        judged = [work(case) for case in cases]
    verdicts: dict[str, list[Verdict]] = {judging.TOOL: []}
    for verdict in chain.from_iterable(judged):
        verdicts.setdefault(verdict.tool, []).append(verdict)
    return verdicts


def _judged(case: Case, *, tools: bool) -> list[Verdict]:
    others = [tool.judge(case) for tool in TOOLS if tools and not tool.missing]
    return [judging.judge(case), *others]


def report(verdicts: Verdicts, *, tools: bool) -> tuple[Mapping[str, Figures], list[tables.Line]]:
    """Print the tables and return the figures by tool, and the summary."""
    titles = {tool.package: tool.title for tool in TOOLS}
    told = {titles.get(name, name): figures(group) for name, group in verdicts.items()}
    missing = {tool.title: tool.missing for tool in TOOLS if tools and tool.missing}
    ours = verdicts[judging.TOOL]
    made: tuple[Callable[[Sequence[Verdict]], Sequence[tables.Line]], ...] = (
        tables.faulty_recipes,
        tables.healthy_recipes,
        tables.by_family,
        tables.by_variant,
    )
    summary = tables.summary(told, missing)
    for lines in (*(make(ours) for make in made), summary):
        sys.stdout.write(tables.aligned(lines) + "\n")
    return told, summary


def main(arguments: Sequence[str] | None = None, cases: Iterable[Case] | None = None) -> int:
    """Evaluate and print; return the exit code. `cases` are those that exist, if none are given."""
    options = parser().parse_args(arguments)
    tools = options.tools or options.readme
    chosen = _chosen(_all(options) if cases is None else cases, options)
    verdicts = evaluate(chosen, tools=tools, processes=options.processes)
    told, summary = report(verdicts, tools=tools)
    if options.misses:
        sys.stdout.writelines(f"{text}\n" for text in misses(verdicts[judging.TOOL]))
    if options.json:
        options.json.write_bytes(as_json(told, verdicts))
    if options.readme:
        text = README.read_text()
        table = tables.markdown(summary)
        README.write_text(_SECTION.sub(lambda match: match[1] + table + match[2], text))
    failed = unmet(told[judging.TOOL])
    sys.stdout.writelines(f"{what}\n" for what in failed)
    return int(bool(failed))


def _all(options: Namespace) -> Iterable[Case]:
    from tests.evaluation.cases import cases  # noqa: PLC0415 - loads what trains; tests do without

    return cases(half=options.half, quick=options.quick)


def _chosen(cases: Iterable[Case], options: Namespace) -> Iterator[Case]:
    """Yield the cases that were asked for, and write their logs if that was asked for too."""
    for case in cases:
        if options.only is None or options.only in case.name:
            if options.write:
                write_log(options.write, case)
            yield case


if __name__ == "__main__":
    sys.exit(main())
