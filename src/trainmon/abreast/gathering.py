"""The ranks of a run side by side: one lane whose rows are the steps that all of them have told.

Of the few metrics that matter it holds one series for each rank, ``<metric>/rank<r>``, and beside
them ``ranks``, how many told a step. Ordinary rules are judged on it by an ordinary judge. A step
is told once every rank that has not ended is past it, so that the order in which files arrive
changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from trainmon.abreast.patience import is_left_behind, is_young
from trainmon.abreast.rank_steps import RankSteps, attempt_of, step_of
from trainmon.given import Given
from trainmon.judge import Decision, Judge
from trainmon.ranks.presence import ENDED, TELLERS, absent, end_of
from trainmon.ranks.side_by_side import RANKS
from trainmon.record import HEADER_KEY
from trainmon.roles import Overrides, Role
from trainmon.rule import Rule
from trainmon.store.batch import HEADER, Batch, Floats, LogEvent, Record, Rows, Samples
from trainmon.store.lane import Lane

_COMPARED = (
    Role.WORK_TIME,
    Role.DATA_TIME,
    Role.STEP_TIME,
    Role.TRAIN_LOSS,
    Role.LOSS,
    Role.GRAD_NORM,
)
"""Roles of which the first metric that the lead tells is compared."""

_CHECKSUMS = ("checksum", "param_hash", "weight_hash", "param_sum")
"""Parts of the names of what is equal wherever the weights are."""

NUMBERS_LIMIT = 8_000_000
"""Values held of all ranks together, and half of that more for a moment: 64 MB."""


class Abreast:
    """Gathers the steps of all ranks and judges them. Owned by the monitor thread."""

    def __init__(self, rules: Sequence[Rule[Any]], given: Given | None = None) -> None:
        self.lane = Lane(limit=NUMBERS_LIMIT)
        self.judge = Judge(self.lane, rules, given=given)
        self.has_decided = False
        """Whether anything was decided so far."""
        self._overrides = given.roles if given else Overrides()
        self._ranks: dict[int, RankSteps] = {}
        self._lead = RankSteps(Lane())
        self._names: dict[str, float] = {}
        self._roles: set[Role] = set()
        self._upto = -np.inf
        self._rows = 0
        """Rows of all ranks when they were looked at last."""
        self._closed_at = 0
        """Rows of all ranks when it was asked last how they ended."""
        self._attempt = -1
        self._names_upto = 0
        self._lead_rows: list[Rows] = []

    def advance(self, lanes: Mapping[int, Lane], lead: int, *, live: bool) -> list[Decision] | None:
        """Take in the steps that all ranks have told now, and return what is decided on them.

        `lead` is the rank whose rows decisions stand at, the same one in all calls.

        None says that a rank tells of steps that went by without it, so that all are to be gathered
        anew. `live` says that ranks may be read at somewhat different times.
        """
        rows = sum(lane.n_rows for lane in lanes.values())
        if live and self._is_little(rows - self._rows, len(lanes)):
            return []
        self._rows = rows
        for rank, lane in sorted(lanes.items()):
            if rank not in self._ranks:
                if self._ranks and rank < min(self._ranks):
                    return None
                self._ranks[rank] = RankSteps(lane)
            self._ranks[rank].scan()
        self._lead = self._ranks[lead]
        self._find_names(self._lead)
        if self.is_late:
            return None
        upto = self._watermark(live=live)
        if upto <= self._upto:
            return []
        self._append(upto)
        self._upto = upto
        return self._judged()

    @property
    def is_late(self) -> bool:
        """Whether a rank told of steps that had gone by without it."""
        return any(steps.waiting < self._upto for steps in self._ranks.values())

    def close(self) -> list[Decision]:
        """Return what is decided on the end of a run of which some ranks told that they failed.

        It is to be called when nothing more is to be expected of any rank.
        """
        lanes = [steps.lane for _, steps in sorted(self._ranks.items())]
        rows = sum(lane.n_rows for lane in lanes)
        if rows == self._closed_at:
            return []
        self._closed_at = rows
        for steps in self._ranks.values():
            steps.scan()
        ends = {rank: end_of(self._ranks[rank].lane) for rank in self._tellers()}
        if self._upto == -np.inf or not any(end["how"] == "failed" for end in ends.values()):
            return []
        self._upto = max(steps.last for steps in self._ranks.values()) + _ALL
        self._append(self._upto)
        for rank, end in ends.items():
            steps = self._ranks[rank]
            end |= {"last_step": float(step_of(np.array([steps.last]))[0])}
            end |= {"last_time": steps.last_time}
        nothing = np.full(1, np.nan)
        fields = {"ranks": {str(rank): end for rank, end in ends.items()}}
        self.lane.append(Batch(nothing, nothing, nothing, {}, [LogEvent(0, ENDED, fields)]))
        self._lead_rows.append(np.array([self._lead.lane.n_rows - 1], np.int32))
        return self._judged()

    def _judged(self) -> list[Decision]:
        decisions = self.judge.advance()
        self.has_decided = self.has_decided or bool(decisions)
        return [self._placed(decision) for decision in decisions]

    def _find_names(self, lead: RankSteps) -> None:
        """Find the metrics that are compared: the first of each role that the lead tells."""
        for row, names in lead.lane.new_metrics.items():
            if row < self._names_upto:
                continue
            for name in names:
                role = self._overrides.role_of(name).role
                if role in _COMPARED and role not in self._roles:
                    self._roles.add(role)
                elif not any(part in name.lower() for part in _CHECKSUMS):
                    continue
                self._names.setdefault(name, lead.key_at(row))
        self._names_upto = lead.lane.n_rows

    def _watermark(self, *, live: bool) -> float:
        """Return the key up to which all ranks have told their steps."""
        every = self._ranks.values()
        furthest = max(every, key=lambda steps: steps.last)
        if live and absent(self._world_size, self._tellers()) and is_young(furthest):
            return -np.inf
        going_on = [
            steps.last
            for steps in every
            if not steps.ended and not is_left_behind(steps, furthest, live=live)
        ]
        return min(going_on, default=furthest.last + _ALL)

    def _tellers(self) -> list[int]:
        return [rank for rank, steps in sorted(self._ranks.items()) if steps.lane.new_metrics]

    @property
    def _world_size(self) -> object:
        return _header_of(self._ranks[min(self._ranks)].lane, 0).get("world_size")

    @staticmethod
    def _is_little(new_rows: int, ranks: int) -> bool:
        """Return whether so few steps are new that so many ranks are not worth looking at yet."""
        return new_rows < ranks * (ranks // _RANKS_A_STEP)

    def _append(self, upto: float) -> None:
        """Append the steps below a key to the lane."""
        told: dict[tuple[str, int], tuple[Floats, Floats]] = {}
        for name, since in self._names.items():
            for rank, steps in self._ranks.items():
                keys, values = steps.samples(name, upto)
                if len(keys):
                    first = int(np.searchsorted(keys, since))
                    told[name, rank] = keys[first:], values[first:]
        every = _union([keys for keys, _ in told.values()])
        for attempt in np.unique(attempt_of(every)).tolist():
            here = every[attempt_of(every) == attempt]
            self._append_attempt(int(attempt), here, told)
        for steps in self._ranks.values():
            steps.drop(upto)

    def _append_attempt(
        self, attempt: int, keys: Floats, told: Mapping[tuple[str, int], tuple[Floats, Floats]]
    ) -> None:
        """Append the steps of one attempt, behind a header where it begins."""
        begins = attempt > self._attempt
        self._attempt = attempt
        rows = self._lead.rows_of(keys)
        samples, present = {}, np.zeros((len(self._ranks), len(keys)), np.bool_)
        numbers = {rank: number for number, rank in enumerate(sorted(self._ranks))}
        whole = np.arange(len(keys), dtype=np.int32) + np.int32(begins)
        for (name, rank), (own, values) in told.items():
            first, last = np.searchsorted(own, [keys[0], np.nextafter(keys[-1], np.inf)]).tolist()
            if first == last:
                continue
            same = last - first == len(keys)
            places = whole  # one array for all that have a sample at each step
            if not same:
                found = np.searchsorted(keys, own[first:last]) + begins
                places = found.astype(np.int32)
            samples[f"{name}/rank{rank}"] = Samples(places, values[first:last])
            present[numbers[rank], places - begins] = True
        samples[RANKS] = Samples(whole, present.sum(axis=0).astype(np.float64))
        times, epochs = self._places(keys)
        nothing = np.full(int(begins), np.nan)
        columns = (np.concatenate((nothing, each)) for each in (step_of(keys), epochs, times))
        events = [LogEvent(0, HEADER, self._header(attempt))] if begins else []
        steps, epochs, times = columns
        self.lane.append(Batch(steps, epochs, times, samples, events))
        self._lead_rows.append(np.concatenate((rows[:begins], rows)).astype(np.int32))

    def _places(self, keys: Floats) -> tuple[Floats, Floats]:
        """Return when each step was told, and its epoch, as the first rank tells them.

        The clocks of others may differ.
        """
        times, epochs = np.full(len(keys), np.nan), np.full(len(keys), np.nan)
        for _, steps in sorted(self._ranks.items()):
            rows = steps.rows_of(keys)
            known = rows >= steps.first
            for told, mine in ((times, steps.lane.times), (epochs, steps.lane.epochs)):
                here = told[known]
                told[known] = np.where(np.isfinite(here), here, mine[rows[known]])
            if known.all() and np.isfinite(times).all() and np.isfinite(epochs).all():
                break
        return times, epochs

    def _header(self, attempt: int) -> Record:
        """Return the lead's header of an attempt, with what is known of all ranks."""
        headers = {rank: _header_of(each.lane, attempt) for rank, each in self._ranks.items()}
        places = {
            str(rank): _place(headers[rank], self._ranks[rank].lane) for rank in sorted(headers)
        }
        return {HEADER_KEY: 1, **headers[min(headers)], RANKS: places, TELLERS: self._tellers()}

    def _placed(self, decision: Decision) -> Decision:
        """Return a decision at the rows of the lead's lane, where its steps stand."""
        rows = np.concatenate(self._lead_rows)
        self._lead_rows = [rows]
        event = decision.event
        row, onset = (max(0, int(rows[at])) for at in (event.row, event.onset))
        return replace(decision, event=replace(event, row=row, onset=onset))


_RANKS_A_STEP = 64
"""Ranks for which a further step is waited for in a live log: to look at one costs 100 us, however
many steps it has told."""

_ALL = 0.5
"""Of a step, behind the last: nobody is waited for."""


def _union(every: Sequence[Floats]) -> Floats:
    """Return the keys that stand in any of some arrays, in order."""
    if not every:
        return np.empty(0)
    first = max(every, key=len)
    if all(len(keys) == len(first) and np.array_equal(keys, first) for keys in every):
        return first
    return np.unique(np.concatenate(every))


def _header_of(lane: Lane, attempt: int) -> Mapping[str, Any]:
    headers = [event.fields for event in lane.events if event.kind == HEADER][: attempt + 1]
    return headers[-1] if headers else {}


def _place(header: Mapping[str, Any], lane: Lane) -> dict[str, Any]:
    """Return the host of a rank, and its GPU if it is known."""
    place = {key: header[key] for key in ("host", "gpu", "local_rank") if key in header}
    cards = {n.split("/")[1] for names in lane.new_metrics.values() for n in names if "/gpu" in n}
    if "gpu" not in place and len(cards) == 1:
        place["gpu"] = cards.pop().removeprefix("gpu")
    return place
