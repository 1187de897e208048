"""One run while it is followed: its lanes, the rules on them, and its incidents."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from trainmon.abreast.compared_ranks import Compared, ComparedRanks
from trainmon.beside import beside_one_another
from trainmon.decisions import History, Recorder, decided
from trainmon.given import Given
from trainmon.incidents import Incident, Incidents, ranked
from trainmon.judge import Decision, Judge
from trainmon.liveness import Process, ProcessProbe, no_process
from trainmon.ranks.presence import leading
from trainmon.rule import Moment, Rule
from trainmon.sensed_ranks import SensedRanks, own_pids
from trainmon.silent_ranks import SilentRanks
from trainmon.standing import JudgedBy, chance_now, diagnosed, status_of
from trainmon.store.batch import HEADER, Batch
from trainmon.store.lane import Lane
from trainmon.store.lane_view import LaneView
from trainmon.store.lane_views import LaneViews
from trainmon.text import PATH_LIMIT, clean
from trainmon.view import Machine, RunView

Rules = Sequence[Rule[Any]]

_EMPTY = "the ranks before it tell nothing"
"""Why a rank leads that is not the first."""


class Run:
    """A run that is being read. Owned by the monitor thread."""

    def __init__(
        self,
        key: str,
        name: str,
        path: str,
        rules: Rules,
        given: Given | None = None,
        *,
        recorder: Recorder | None = None,
    ) -> None:
        self.key = key
        self.path = path
        self.format = ""
        self.gathered = False
        self.superseded = False
        self.number = 1
        self.process = Process.UNKNOWN
        self.grew: float | None = None
        self.preview: LaneView | None = None
        self.notices: dict[str, None] = {}
        self._name = name
        self._clean_path = clean(path, PATH_LIMIT)
        self._given = given
        self._rules, self._across = _apart(rules)
        self._beside = ComparedRanks(self._across, given)
        self._alone, self._together = JudgedBy(), JudgedBy()
        """By which rules a rank was judged, and by which its ranks beside one another."""
        self._ranks: dict[int, Judge] = {}
        """The lane of each rank, with the rules on it."""
        self._first = -1
        """The rank that leads."""
        self._lanes = LaneViews()
        self._silent = SilentRanks()
        self._sensed = SensedRanks(given)
        self._history = History(self._clean_path, recorder)
        self._incidents = self._no_incidents()

    def take(self, rank: int, batch: Batch, *, ordered: bool = True) -> None:
        """Append what was read of a rank's file, to be judged; `ordered` as in `Lane.append`."""
        if rank not in self._ranks:
            self._add(rank)
        self._lanes.grew(rank)
        lane = self._ranks[rank].lane
        for notice in (*lane.append(batch, ordered=ordered), *batch.notices):
            self.notices[notice] = None

    def use(self, rules: Rules) -> None:
        """Judge by these rules, from the beginning."""
        self._rules, self._across = _apart(rules)
        self._judge_anew("by other rules")

    def judge(self) -> None:
        """Judge what was taken: the more at once, the less a record costs."""
        self._settle_lead()
        for judge in self._ranks.values():
            if judge.judged < judge.lane.n_rows:
                self._judge(judge)

    def forget(self, rank: int) -> None:
        """Drop a rank whose file starts over, with all that was decided on it."""
        if self._ranks.pop(rank, None) is not None:
            self._first = min(self._ranks, default=-1)
            self._judge_anew("its file starts over")

    def forget_all(self) -> None:
        """Drop all ranks: the file that tells of them starts over."""
        self._ranks.clear()
        self._judge_anew("its file starts over")

    @property
    def empty(self) -> bool:
        """Whether nothing has been read yet."""
        return not self._ranks

    @property
    def has_others(self) -> bool:
        """Whether it has more than one rank."""
        return len(self._ranks) > 1

    @property
    def header(self) -> Mapping[str, Any]:
        """The last header of the lead rank; empty if there is none."""
        return self._lead.context.header if self._ranks else {}

    def look(self, moment: Moment, process: ProcessProbe = no_process) -> bool:
        """Let the live rules look at the clock; return whether anything changed.

        `process` is asked of ranks that are silent.
        """
        has_live = any(incident.live for incident in self._incidents.all())
        if not self._ranks or (moment.tells_nothing and not has_live):
            return False
        looking = [(self._lead, self._sensed.moment(self._first, moment))]
        behind = {rank: j for rank, j in sorted(self._ranks.items()) if rank != self._first}
        looking += self._silent.looked_at(behind, moment, process)
        told = [(judge, judge.live(at)) for judge, at in looking]
        # Hundreds of runs may lie at rest, and each is looked at every second.
        if not has_live and not any(event for _, events in told for event in events.values()):
            return False
        before = self._findings
        for judge, events in told:
            for rule, event in events.items():
                for decision in self._incidents.look(rule, event, judge.lane):
                    self._history.add(decision, self._first_name)
        return self._findings != before

    def sense(self, machine: Machine) -> bool:
        """Take in what probes tell of the machine that the run is on; return whether it matters."""
        if self.process is not Process.ALIVE:
            return False
        decides = False
        for judge, decisions, failures in self._sensed.take(
            self._ranks, self._lead, self._rules, machine
        ):
            self._record(decisions, judge.lane, live=True)
            self._tell_failures(failures)
            decides = decides or bool(decisions)
        return decides

    def compare_ranks(self, *, live: bool) -> None:
        """Judge the ranks side by side, as `ComparedRanks.compare` does."""
        if self.has_others and self._across:
            self._take_compared(self._beside.compare(self._rank_lanes, self._first, live=live))

    def close_ranks(self) -> bool:
        """Judge how the ranks ended, as nothing more is to be expected; return whether it told."""
        if not (self.has_others and self._across):
            return False
        compared = self._beside.close(self._rank_lanes, self._first)
        self._take_compared(compared)
        return bool(compared.decisions)

    def _take_compared(self, compared: Compared) -> None:
        if compared.voids:
            self._judge_each_anew("a rank came late")
        self._record(compared.decisions, self._lead.lane)
        self._tell_failures(self._beside.judge.failures)

    def view(self, *, live: bool) -> RunView:
        """Return the run as it stands; `live` if its log is watched and not only read."""
        lead = self._lead
        findings = self._findings
        chance = chance_now(lead)
        diagnosis = diagnosed(findings, lead, chance)
        spoke = {incident.rule for incident in findings}
        sensed = self._sensed.of(lead.lane.rank)
        here = sensed.context if sensed else None
        clear, not_judged = self._alone.tell(self._rules, lead, spoke, here)
        clear_across, not_across = self._together.tell(self._across, self._beside.judge, spoke)
        grows = self.grew is not None
        return RunView(
            key=self.key,
            name=clean(str(self.header.get("run") or self._told_name or self._name)),
            path=self._clean_path,
            format=self.format,
            status=status_of(lead.lane, findings, self.process, live=live, grows=grows),
            lanes=self._lanes.of(self._rank_lanes, self._first),
            context=lead.context,
            findings=ranked(findings, {d.cause for d in diagnosis if d.role == "primary"}),
            diagnosis=diagnosis,
            decisions=self._history.view(),
            decisions_left_out=self._history.left_out,
            chance=chance,
            clear=tuple(sorted(clear + clear_across)),
            not_judged=tuple(sorted(not_judged + not_across, key=attrgetter("rule"))),
            superseded=self.superseded,
            number=self.number,
            local=self.process != Process.UNKNOWN,
            pids=self._pids if self.process is Process.ALIVE else (),
            grew=self.grew,
            preview=self.preview,
            notices=tuple(dict.fromkeys((*self.notices, *self._lanes.reductions))),
        )

    @property
    def _findings(self) -> tuple[Incident, ...]:
        """The findings of all ranks as they stand beside one another, the worst first."""
        return ranked(beside_one_another(self._incidents.all()))

    @property
    def _pids(self) -> tuple[int, ...]:
        return tuple(pid for _, pid in own_pids(self._ranks, self._lead))

    @property
    def _told_name(self) -> str:
        """What the configuration calls the run, as MLflow's does; others give a path there."""
        name = str(self._lead.context.settings.get("run_name") or "")
        return "" if "/" in name else name

    @property
    def _rank_lanes(self) -> dict[int, Lane]:
        return {rank: judge.lane for rank, judge in self._ranks.items()}

    @property
    def _lead(self) -> Judge:
        return self._ranks[self._first]

    def _add(self, rank: int) -> None:
        leads = not self._ranks
        self._first = rank if leads else self._first
        self._ranks[rank] = Judge(Lane(rank), self._rules, given=self._given, lead=leads)

    def _settle_lead(self) -> None:
        """Judge all anew if another rank is to lead, by what was taken."""
        lowest = min(self._ranks, default=self._first)
        if not self._ranks or (lowest == self._first and self._lead.lane.new_metrics):
            return  # as nearly always
        first = leading(self._rank_lanes)
        if first != self._first:
            self._first = first
            self._judge_anew(f"rank {first} came late" if first == lowest else _EMPTY)

    def _no_incidents(self) -> Incidents:
        return Incidents({rule.id: rule.gauge for rule in self._rules if rule.gauge})

    def _judge_anew(self, why: str) -> None:
        """Judge all from the beginning: the lead or the rules changed, or a rank was dropped."""
        self._beside.start_over(self._across)
        self._judge_each_anew(why)

    def _judge_each_anew(self, why: str) -> None:
        """Judge each rank by itself from its beginning; nothing that was decided holds."""
        self._history.void(why)
        self._incidents = self._no_incidents()
        self._sensed.start_over()
        for rank, before in self._ranks.items():
            leads = rank == self._first
            self._ranks[rank] = Judge(before.lane, self._rules, given=self._given, lead=leads)
            self._judge(self._ranks[rank])

    def _judge(self, judge: Judge) -> None:
        decisions = judge.advance()
        self._record(decisions, judge.lane)
        if sensed := self._sensed.of(judge.lane.rank):
            self._record(tuple(sensed.beside(decisions)), judge.lane, live=True)
        self._tell_failures(judge.failures)

    def _record(self, decisions: Sequence[Decision], lane: Lane, *, live: bool = False) -> None:
        for decision in decisions:
            placed = decided(decision.rule, decision.event, lane, live=live)
            self._incidents.take(placed)
            self._history.add(placed, self._first_name)

    def _tell_failures(self, failures: Mapping[str, str]) -> None:
        for rule, what in failures.items():
            self.notices[f"rule {rule} failed and was stopped, please report it: {what}"] = None

    def _first_name(self) -> str:
        """Return what the run is called from its beginning on, which is the same at any cut."""
        told = (e.fields.get("run") for e in self._lead.lane.events if e.kind == HEADER)
        name = next(filter(None, told), None) or self._told_name or self._name
        number = f" #{self.number}" if self.number > 1 else ""
        return clean(f"{name}{number}")


def _apart(rules: Rules) -> tuple[Rules, Rules]:
    """Return the rules that judge a rank by itself, and those that judge ranks side by side."""
    alone = [rule for rule in rules if not rule.across_ranks]
    return alone, [rule for rule in rules if rule.across_ranks]
