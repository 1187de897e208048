"""Judges real trainings, with faults and without, and prints how well they are told apart.

    python -m tests.evaluation.run [--quick] [--half tuning|reported] [--tools] [--readme]

The figures told to others are those of the half that no threshold was chosen on. The exit code is
1 if a figure misses what is required, if a judgement broke, or if there was nothing to judge.
"""

import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:  # it loads what trains
    from tests.evaluation.cases import Job

README = Path(__file__).parents[2] / "README.md"
TOOLS = (RUNMEDIC, TRAINPROOF)
PROCESSES = 2
"""What the small machines of continuous integration have."""
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "trainmon/evaluation"
"""Where trainings are kept, so that only a change of what makes them trains anew."""

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
    made.add_argument(
        "--only", metavar="TEXT", default="", help="the cases whose names contain this"
    )
    made.add_argument("--cache", metavar="FOLDER", type=Path, default=CACHE, help="of trainings")
    made.add_argument("--write", metavar="FOLDER", type=Path, help="keep the logs there")
    made.add_argument("--json", metavar="FILE", type=Path, help="write each verdict there")
    made.add_argument("--processes", type=int, default=PROCESSES)
    return made


def evaluate(
    work: "Iterable[Case | Job]",
    *,
    tools: bool = False,
    processes: int = 1,
    only: str = "",
    write: Path | None = None,
    cache: Path | None = None,
) -> Verdicts:
    """Return the verdicts on some cases or trainings, in their order."""
    judged = partial(_judged, tools=tools, only=only, write=write, cache=cache)
    if processes > 1:
        # Trainings leave threads behind, which a forked process would be without.
        with get_context("spawn").Pool(processes) as pool:
            groups = list(_counted(pool.imap(judged, work)))
    else:
        groups = list(_counted(map(judged, work)))
    verdicts: dict[str, list[Verdict]] = {judging.TOOL: []}
    for verdict in chain.from_iterable(groups):
        verdicts.setdefault(verdict.tool, []).append(verdict)
    return verdicts


def _counted(groups: Iterable[list[Verdict]]) -> Iterator[list[Verdict]]:
    """Yield what comes, and tell whoever waits for it how much that is."""
    for count, group in enumerate(groups, 1):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{count} judged ")
        yield group


def _judged(
    item: "Case | Job", *, tools: bool, only: str, write: Path | None, cache: Path | None
) -> list[Verdict]:
    """Return what each tool says of a case, or of all cases of a training."""
    verdicts = []
    for case in [item] if isinstance(item, Case) else _trained(item, cache):
        if only in case.name:
            if write:
                write_log(write, case)
            verdicts.append(judging.judge(case))
            verdicts += [tool.judge(case) for tool in TOOLS if tools and not tool.missing]
    return verdicts


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


def main(
    arguments: Sequence[str] | None = None, cases: "Iterable[Case | Job] | None" = None
) -> int:
    """Evaluate and print; return the exit code. All trainings are judged if no cases are given."""
    options = parser().parse_args(arguments)
    tools = options.tools or options.readme
    verdicts = evaluate(
        _jobs(options) if cases is None else cases,
        tools=tools,
        processes=options.processes,
        only=options.only,
        write=options.write,
        cache=options.cache,
    )
    told, summary = report(verdicts, tools=tools)
    if options.misses:
        sys.stdout.writelines(f"{text}\n" for text in misses(verdicts[judging.TOOL]))
    if options.json:
        options.json.write_bytes(as_json(told, verdicts))
    if options.readme:
        README.write_text(with_table(README.read_text(), tables.markdown(summary)))
    failed = unmet(told[judging.TOOL])
    sys.stdout.writelines(f"{what}\n" for what in failed)
    return int(bool(failed))


def with_table(text: str, table: str) -> str:
    """Return the README with a new table in its section, which must be there."""
    written, sections = _SECTION.subn(lambda match: match[1] + table + match[2], text)
    if not sections:
        raise LookupError("the README has no section '<!-- generated: evaluation -->'")
    return written


def _jobs(options: Namespace) -> "Sequence[Job]":
    """Return the trainings that were asked for."""
    from tests.evaluation.cases import jobs  # noqa: PLC0415 - loads what trains; tests do without

    every = jobs(half=options.half, quick=options.quick)
    named = [
        job
        for job in every
        for training in [f"{job.recipe} / {job.task} / seed {job.seed}"]
        if training in options.only or options.only in training
    ]
    return named or every


def _trained(job: "Job", cache: Path | None) -> Sequence[Case]:
    from tests.evaluation.cases import trained  # noqa: PLC0415 - as above

    return trained(job, cache)


if __name__ == "__main__":
    sys.exit(main())
