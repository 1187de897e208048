"""The ranks of a run, judged beside one another for as long as it is followed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from trainmon.abreast.gathering import Abreast
from trainmon.given import Given
from trainmon.judge import Decision, Judge
from trainmon.rule import Rule
from trainmon.store.lane import Lane

_GROWTH = 1 / 64
"""By how much a live log grows before its ranks are gathered anew once more: all its steps are
looked at for that, and a rank that stays far behind asks for it with each step that it tells."""


class Compared(NamedTuple):
    """What was decided on ranks that stand beside one another."""

    decisions: Sequence[Decision]
    voids: bool = False
    """Whether what was decided before no longer holds, as a rank told late of a step."""


class ComparedRanks:
    """The steps that all ranks have told, and the rules on them. Owned by the monitor thread."""

    def __init__(self, rules: Sequence[Rule[Any]], given: Given | None = None) -> None:
        self._rules = rules
        self._given = given
        self._abreast = Abreast(rules, given)
        self._rows_anew = 0
        """Rows of all ranks when they were gathered anew last."""

    def start_over(self, rules: Sequence[Rule[Any]]) -> None:
        """Drop all that was gathered, to be judged by these rules from the beginning."""
        self._rules = rules
        self._abreast = Abreast(rules, self._given)

    def compare(self, lanes: Mapping[int, Lane], lead: int, *, live: bool) -> Compared:
        """Judge the ranks up to the step that all have told; `live` as in `Abreast.advance`.

        It is to be called when all that was known to be there has been read, since a rank that is
        read later is no rank that is behind.
        """
        decisions = self._abreast.advance(lanes, lead, live=live)
        if decisions is not None:
            return Compared(decisions)
        rows = sum(lane.n_rows for lane in lanes.values())
        if live and rows - self._rows_anew < self._rows_anew * _GROWTH:
            return Compared(())
        self._rows_anew = rows
        return self._gathered_anew(lanes, lead, live=live)

    def close(self, lanes: Mapping[int, Lane], lead: int) -> Compared:
        """Judge how the ranks ended, as nothing more is to be expected of them."""
        late = self._abreast.is_late
        anew = self._gathered_anew(lanes, lead, live=True) if late else Compared(())
        return Compared([*anew.decisions, *self._abreast.close()], anew.voids)

    @property
    def judge(self) -> Judge:
        """The rules on the steps that all ranks have told."""
        return self._abreast.judge

    def _gathered_anew(self, lanes: Mapping[int, Lane], lead: int, *, live: bool) -> Compared:
        """Return what is decided on all steps, some of which a rank told late."""
        voids = self._abreast.has_decided
        self._abreast = Abreast(self._rules, self._given)
        return Compared(self._abreast.advance(lanes, lead, live=live) or (), voids)
