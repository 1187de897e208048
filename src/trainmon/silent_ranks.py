"""Ranks that say nothing any more while the first one goes on: whether their processes live."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from trainmon.endings import ending
from trainmon.judge import Judge
from trainmon.liveness import Process, ProcessProbe
from trainmon.rule import Moment

_SILENT = 10.0
"""Seconds after its last record from which on it is asked whether the process of a rank lives."""

_ASKED = 64
"""Ranks of which that is asked in one look, each second: each takes 0.1 ms."""


class SilentRanks:
    """The ranks whose processes were seen to be gone before that of the first was."""

    def __init__(self) -> None:
        self._gone = set[int]()
        self._asked = -1
        """The rank that was asked for last: the next look goes on behind it."""

    def looked_at(
        self, others: Mapping[int, Judge], moment: Moment, process: ProcessProbe
    ) -> Iterator[tuple[Judge, Moment]]:
        """Yield the ranks whose process is gone while that of the first lives, or lived then.

        `moment` is that of the first, and `others` are the ranks behind it. One that tells again is
        yielded as well, of which nothing is known then.
        """
        asked = 0
        # Of many silent ones all have their turn.
        for rank in sorted(others, key=lambda rank: (rank <= self._asked, rank)):
            judge = others[rank]
            if not (moment.process is Process.ALIVE or rank in self._gone):
                continue
            times = judge.lane.times
            silent = len(times) and not moment.now - times[-1] < _SILENT
            if not silent or ending(judge.lane):
                if rank in self._gone:
                    self._gone.discard(rank)
                    yield judge, replace(moment, process=Process.UNKNOWN)
            elif asked < _ASKED:
                asked, self._asked = asked + 1, rank
                if process(judge.context.header) is Process.GONE:
                    self._gone.add(rank)
                    yield judge, replace(moment, process=Process.GONE)
