"""One trouble that many ranks have is one line of a list: on how many ranks, and the worst of them.

The judgement keeps an incident for each rank; lists alone are folded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trainmon.incidents import Incident

FOLDED_FROM = 3
"""Ranks from which on one line tells more than a line for each."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list of findings."""

    index: int
    """Of the finding among all; of the worst one, where the line stands for those of many ranks."""
    finding: Incident
    members: tuple[int, ...] = ()
    """The findings that it stands for by their indices, the worst first; none if it is but one."""


def folded(findings: Sequence[Incident], selected: int = -1) -> list[Row]:
    """Return the lines of a list of findings, in their order.

    Where the `selected` one is among those that a line stands for, and not the worst of them, the
    others follow that line.
    """
    rows = list[Row]()
    groups = _groups(findings)
    hidden = {index for members in groups.values() for index in members[1:]}
    for index, finding in enumerate(findings):
        if index in hidden:
            continue
        members = groups.get(index, ())
        if members:
            ranks = tuple(sorted({findings[member].rank for member in members}))
            rows.append(Row(index, replace(finding, ranks=ranks), members))
            if selected in members[1:]:
                rows += [Row(member, findings[member]) for member in members[1:]]
        else:
            rows.append(Row(index, finding))
    return rows


def at(rows: Sequence[Row], selected: int) -> int:
    """Return the place of the line that shows a finding, or of the first."""
    place = next((place for place, row in enumerate(rows) if row.index == selected), None)
    if place is None:
        place = next((place for place, row in enumerate(rows) if selected in row.members), 0)
    return place


def standing_for(findings: Sequence[Incident], finding: Incident) -> Incident:
    """Return a finding with all ranks that have its trouble, if they are one line."""
    place = next((place for place, each in enumerate(findings) if each.key == finding.key), -1)
    row = next((row for row in folded(findings) if place in row.members), None)
    return replace(finding, ranks=row.finding.ranks) if row else finding


def in_ranges(ranks: Sequence[int]) -> str:
    """Return some ranks, in order, as people write them.

    >>> in_ranges([0, 1, 2, 3, 7, 9, 10])
    '0-3, 7, 9, 10'
    """
    stretches: list[list[int]] = []
    for rank in ranks:
        if stretches and rank == stretches[-1][-1] + 1:
            stretches[-1].append(rank)
        else:
            stretches.append([rank])
    parts = [
        [f"{stretch[0]}-{stretch[-1]}"] if len(stretch) >= _A_STRETCH else map(str, stretch)
        for stretch in stretches
    ]
    return ", ".join(part for each in parts for part in each)


_A_STRETCH = 3
"""Ranks in a row of which the first and the last tell all."""


def _groups(findings: Sequence[Incident]) -> dict[int, tuple[int, ...]]:
    """Return the findings that are one line, by the first of them."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, finding in enumerate(findings):
        key = (finding.rule, finding.cleared, finding.regard)
        alike.setdefault(key, []).append(index)
    return dict(_of_many(findings, list(alike.values())))


def _of_many(
    findings: Sequence[Incident], groups: Sequence[list[int]]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    for members in groups:
        if len({findings[member].rank for member in members}) >= FOLDED_FROM:
            yield members[0], tuple(members)
