"""What probes tell of the processes of a run's ranks, where these run on this machine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from trainmon.given import Given
from trainmon.judge import Decision, Judge
from trainmon.probes.as_logged import as_logged
from trainmon.rule import Moment, Rule
from trainmon.sensed import Sensed
from trainmon.view import Machine


class OnMachine(NamedTuple):
    """What was decided on the machine of one rank."""

    judge: Judge
    """The rank, by its own log."""
    decisions: Sequence[Decision]
    failures: Mapping[str, str]
    """Rules that raised, and what."""


class SensedRanks:
    """The machine as the ranks of a run met it. Owned by the monitor thread."""

    def __init__(self, given: Given | None = None) -> None:
        self._given = given
        self._sensed: dict[int, Sensed] = {}

    def start_over(self) -> None:
        """Drop all that was told: the ranks are judged anew."""
        self._sensed.clear()

    def take(
        self, ranks: Mapping[int, Judge], lead: Judge, rules: Sequence[Rule[Any]], machine: Machine
    ) -> Iterator[OnMachine]:
        """Take in what probes tell now; yield what it decides for each rank of which they tell."""
        for rank, pid in own_pids(ranks, lead):
            if f"run{pid}/rss" not in machine.readings:
                continue
            judge = ranks[rank]
            sensed = self._sensed.get(rank)
            if sensed is None:
                of_machine = [rule for rule in rules if rule.of_machine]
                sensed = self._sensed[rank] = Sensed(judge.lane, of_machine, self._given)
            readings = as_logged(machine.readings, pid, machine.gpus_of.get(pid, ()))
            decisions = sensed.take(judge.context, machine.time, readings)
            yield OnMachine(judge, decisions, sensed.failures)

    def of(self, rank: int) -> Sensed | None:
        """Return what was told of a rank; None if nothing was."""
        return self._sensed.get(rank)

    def moment(self, rank: int, moment: Moment) -> Moment:
        """Return the moment with what is known of the machine of a rank."""
        sensed = self._sensed.get(rank)
        return replace(moment, machine=sensed.lane) if sensed else moment


def own_pids(ranks: Mapping[int, Judge], lead: Judge) -> Iterator[tuple[int, int]]:
    """Yield the ranks on the host of the lead, the lowest first, each with its process."""
    host = lead.context.header.get("host")
    for rank in sorted(ranks):
        header = ranks[rank].context.header
        pid = header.get("pid")
        if type(pid) is int and header.get("host") == host:
            yield rank, pid
