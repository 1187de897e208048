"""The tables of an evaluation: one line per recipe, family and variant, and the summary."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.evaluation.bounds import Share
from tests.evaluation.delays import Delay
from tests.evaluation.families import family
from tests.evaluation.figures import Figures, figures
from tests.evaluation.required import REQUIREMENTS
from tests.evaluation.verdict import Verdict

Line = Sequence[str]

_TOLD = 3
"""Rules or causes named in a line of a table."""

_FAULTY = ("logs", "found", "right", "top 2", "delay p50", "p90")
_NONE = "-"


def faulty_recipes(verdicts: Sequence[Verdict]) -> list[Line]:
    """Return a line per recipe of a fault."""
    faulty = [v for v in verdicts if v.case.fault]
    lines: list[Line] = [("recipe", "family", *_FAULTY, "instead")]
    for recipe, group in _groups(faulty, lambda v: v.case.recipe).items():
        fault = group[0].case.fault
        kind = family(fault) if fault else ""
        lines.append((recipe, kind, *_fault_cells(group), _instead(group)))
    return lines


def _instead(group: Sequence[Verdict]) -> str:
    """Return the wrong causes that were named first, the most frequent ones first."""
    wrong = Counter(v.answer or "none" for v in group if not v.right)
    return ", ".join(f"{cause} {count}" for cause, count in wrong.most_common(_TOLD))


def healthy_recipes(verdicts: Sequence[Verdict]) -> list[Line]:
    """Return a line per recipe without a fault."""
    healthy = [v for v in verdicts if not v.case.fault]
    lines: list[Line] = [("healthy recipe", "logs", "with warnings", "warnings", "of rules")]
    for recipe, group in _groups(healthy, lambda v: v.case.recipe).items():
        told = figures(group)
        named = sorted({alarm.check for verdict in group for alarm in verdict.warnings})
        more = [f"{len(named) - _TOLD} more"] if len(named) > _TOLD else []
        counts = (told.alarmed_logs.total, told.alarmed_logs.count, told.false_warnings)
        rules = ", ".join((*named[:_TOLD], *more))
        lines.append((recipe, *map(str, counts), rules))
    return lines


def by_family(verdicts: Sequence[Verdict]) -> list[Line]:
    """Return a line per family of faults, and one for all."""
    faulty = [v for v in verdicts if v.case.fault]
    groups = _groups(faulty, lambda v: family(v.case.fault) if v.case.fault else "")
    return [
        ("family", *_FAULTY),
        *((name, *_fault_cells(group)) for name, group in groups.items()),
        ("all", *_fault_cells(faulty)),
    ]


def by_variant(verdicts: Sequence[Verdict]) -> list[Line]:
    """Return a line per variant of the logs, healthy ones in its last columns."""
    lines: list[Line] = [("variant", *_FAULTY, "healthy", "false warnings per run")]
    for name, group in _groups(verdicts, lambda v: v.case.variant.name).items():
        told = figures(group)
        faulty = [v for v in group if v.case.fault]
        healthy = (str(told.alarmed_logs.total), f"{told.false_per_run:.3f}")
        lines.append((name, *_fault_cells(faulty), *healthy))
    return lines


def summary(told: Mapping[str, Figures], missing: Mapping[str, str]) -> list[Line]:
    """Return the summary: trainmon first, then what is required, then the other tools.

    `missing` says of a tool why it has no figures.
    """
    (ours, *others) = told.items()
    columns = [*((name, _cells(one)) for name, one in others)]
    absent = [(name, [why, *[_NONE] * (len(_MEASURES) - 1)]) for name, why in missing.items()]
    columns += absent
    lines: list[Line] = [("measure", ours[0], "required", *(name for name, _ in columns))]
    for row, (measure, cell) in enumerate(zip(_MEASURES, _cells(ours[1]), strict=True)):
        required = next((r.words for r in REQUIREMENTS if r.name == measure), _LIMITS.get(measure))
        lines.append((measure, cell, required or "", *(cells[row] for _, cells in columns)))
    return lines


_MEASURES = (
    "injected faults found",
    "primary cause right",
    "right among the first two",
    "false warnings per healthy run",
    "healthy runs with any",
    "healthy trainings with any, in whichever of their logs",
    "delay, median",
    "delay, 90 % of them",
    "in time: values that are not finite",
    "in time: what exact rules tell",
    "in time: overfitting",
    "time per log",
)

_LIMITS = {
    "in time: values that are not finite": "1 record",
    "in time: what exact rules tell": "an epoch or 200 steps",
    "in time: overfitting": "10 % of the run",
}


def _cells(told: Figures) -> list[str]:
    """Return the figures of a tool in words, in the order of the measures."""
    names_causes = told.nearly_right.count > 0
    return [
        str(told.found),
        str(told.right) if names_causes else _NONE,
        str(told.nearly_right) if names_causes else _NONE,
        f"{told.false_per_run:.3f} ({told.false_warnings} in {told.alarmed_logs.total})",
        *(f"{s}, at most {s.at_most:.3f}" for s in (told.alarmed_logs, told.alarmed)),
        _delay_words(told.delay, 0.5),
        _delay_words(told.delay, 0.9),
        *(str(one.share) if one.delay.steps else _NONE for one in told.limits),
        f"{1e3 * told.seconds / max(told.logs, 1):.0f} ms",
    ]


def _delay_words(delay: Delay, share: float) -> str:
    quantile = delay.quantile(share)
    return f"{quantile[0]:,.0f} steps, {quantile[1]:.1%} of the run" if quantile else _NONE


def _fault_cells(group: Sequence[Verdict]) -> tuple[str, ...]:
    told = figures(group)
    delays = (told.delay.quantile(share) for share in (0.5, 0.9))
    return (
        str(told.found.total),
        *map(_value, (told.found, told.right, told.nearly_right)),
        *(f"{delay[0]:,.0f} ({delay[1]:.0%})" if delay else _NONE for delay in delays),
    )


def _value(share: Share) -> str:
    return f"{share.value:.2f}" if share.total else _NONE


def _groups(verdicts: Iterable[Verdict], key: Callable[[Verdict], str]) -> dict[str, list[Verdict]]:
    """Return the verdicts by a key, in the order of the alphabet."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in sorted(verdicts, key=key):
        groups.setdefault(key(verdict), []).append(verdict)
    return groups


def aligned(lines: Sequence[Line]) -> str:
    """Return lines in columns, for a terminal."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "".join(f"{row}\n" for row in rows)


def markdown(lines: Sequence[Line]) -> str:
    """Return lines as a table for the README."""
    head, *rest = lines
    rows = [head, ["---"] * len(head), *rest]
    return "".join(f"| {' | '.join(cell.strip() for cell in row)} |\n" for row in rows)
