"""All runs, and which file tells of which: one, several files of one, or one of several."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from trainmon.decisions import Recorder
from trainmon.given import Given
from trainmon.log_file import LogFile
from trainmon.rule import Rule
from trainmon.run import Run
from trainmon.source import Part
from trainmon.store.batch import Batch
from trainmon.store.rows import interleaved
from trainmon.text import clean
from trainmon.view import RunView

_GATHERED_LIMIT = 10_000
"""Reads of files that tell of one run which are kept until all its files were read: some hundred
MB at most."""

_TELLING_NOTHING = frozenset(
    {"history", "log", "logs", "main", "metrics", "progress", "results", "scalars", "training_log"}
)
"""Names that every run's log has; that of its folder tells it from others."""

Result = TypeVar("Result")


class Runs:
    """The runs by key. Owned by the monitor.

    A run on which the judging raises is broken: it is told, not touched again, and the others go
    on; with `strict` it raises.
    """

    def __init__(
        self,
        rules: Sequence[Rule[Any]],
        *,
        given: Given | None = None,
        strict: bool = False,
        recorder: Recorder | None = None,
    ) -> None:
        self.changed: set[str] = set()
        """The keys of runs of which there is something new; whoever shows them clears it."""
        self.broken: dict[str, str] = {}
        """What happened to the runs that are broken."""
        self._rules = rules
        self._given = given
        self._strict = strict
        self._recorder = recorder
        self._runs: dict[str, Run] = {}
        self._owners: dict[Path, tuple[Run, int]] = {}
        self._views: dict[str, RunView] = {}
        self._gathered: dict[str, list[Batch]] = {}
        self._unjudged: dict[str, None] = {}
        self._uncompared: dict[str, None] = {}
        self._judged_at: dict[str, float] = {}
        self._broken: set[str] = set()
        """The keys of runs that have logged a value that is not finite."""

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs.values())

    @property
    def files(self) -> Collection[Path]:
        """The files that tell of a run."""
        return self._owners

    def of(self, path: Path) -> Run | None:
        """Return the run that a file tells of now, or None."""
        owner = self._owners.get(path)
        return owner[0] if owner else None

    def take(self, file: LogFile, part: Part, grew: float | None) -> None:
        """Take what was read of a file; `grew` says when, if it was seen to grow."""
        home = file.home
        if file.path not in self._owners:
            run = self._runs.get(str(home.run)) or self._new(str(home.run), home.run, home.name)
            self._owners[file.path] = run, home.rank
        run, rank = self._owners[file.path]
        if part.begins_run and not run.empty and not home.gathered:
            run = self._superseding(run)
            self._owners[file.path] = run, rank
        run.format, run.gathered = file.format, home.gathered
        run.grew = grew or run.grew
        self._expect(run, part.batch)
        if file.settings and run.empty:
            self.guarded(run, partial(run.take, rank, file.settings))
        if home.gathered:
            self._gathered.setdefault(run.key, []).append(part.batch)
        else:
            self.guarded(run, partial(run.take, rank, part.batch, ordered=part.ordered))

    def release(self, *, behind: bool) -> None:
        """Give the runs that several files tell of what these told, in the order of its steps.

        Not while files are `behind`: what one of them tells of early steps must not come late.
        """
        if behind and sum(map(len, self._gathered.values())) < _GATHERED_LIMIT:
            return
        for key, batches in self._gathered.items():
            run = self._runs[key]
            batch = interleaved(batches)
            self.guarded(run, partial(run.take, 0, batch, ordered=False))
            self._expect(run, batch)
        self._gathered.clear()

    def use(self, rules: Sequence[Rule[Any]]) -> None:
        """Judge everything by these rules from now on, also what was read before."""
        self._rules = rules
        for run in self._runs.values():
            self.changed.add(run.key)
            self._uncompared[run.key] = None
            self.guarded(run, partial(run.use, rules))

    def judge(self, now: float, *, every: float = 0.0) -> None:
        """Judge what was taken of the runs that were not judged for so many seconds.

        To judge some records at once costs what judging one does.
        """
        for key in tuple(self._unjudged):
            if 0 <= now - self._judged_at.get(key, -inf) < every:
                continue
            del self._unjudged[key]
            run = self._runs.get(key)
            if run is not None:
                self._judged_at[key] = now
                self.changed.add(key)
                self.guarded(run, run.judge)

    def next_due(self, every: float) -> float:
        """Return when a run is to be judged again, as `judge` does it."""
        judged = (self._judged_at.get(key, -inf) for key in self._unjudged)
        return min((then + every for then in judged), default=inf)

    def compare_ranks(self, *, live: bool) -> None:
        """Judge the ranks of runs that were judged side by side; all files are to be read up."""
        for key in [key for key in self._uncompared if key not in self._unjudged]:
            del self._uncompared[key]
            run = self._runs.get(key)
            if run is not None:
                self.changed.add(key)
                self.guarded(run, partial(run.compare_ranks, live=live))

    def _expect(self, run: Run, batch: Batch) -> None:
        """Have a run judged, of which there is something new: at once if that cannot wait.

        An event cannot, nor the first value that is not finite.
        """
        self.changed.add(run.key)
        self._unjudged[run.key] = self._uncompared[run.key] = None
        breaks = run.key not in self._broken and not batch.is_finite
        if breaks:
            self._broken.add(run.key)
        if breaks or batch.events:
            self._judged_at.pop(run.key, None)

    def start_over(self, path: Path) -> Sequence[Path]:
        """Forget what came from a file: its rank of a run, or all the runs it held.

        Returns other files that must be read once more, as what they told went with it.
        """
        if path not in self._owners:
            return ()
        run, rank = self._owners[path]
        run.forget(rank)
        self.broken.pop(run.key, None)
        self.changed.add(run.key)
        if run.gathered:
            self._gathered.pop(run.key, None)
        elif run.key == run.path:
            return ()
        else:
            for key in [key for key, other in self._runs.items() if other.path == run.path]:
                self._runs.pop(key).forget_all()
                self._views.pop(key, None)
                self.changed.discard(key)
        together = [other for other, (owner, _) in self._owners.items() if owner.path == run.path]
        for other in together:
            del self._owners[other]
        return [other for other in together if other != path]

    def guarded(self, run: Run, work: Callable[[], Result]) -> Result | None:
        """Return what work on a run gives; None if the run is broken, or breaks now."""
        if run.key in self.broken:
            return None
        try:
            return work()
        except Exception as error:
            if self._strict:
                raise
            what = clean(f"{type(error).__name__}: {error}")
            self.broken[run.key] = f"'{clean(run.path)}': a bug, please report it: {what}"
            self.changed.add(run.key)
            return None

    def views(self, *, live: bool) -> Collection[RunView]:
        """Return how all runs stand, looking anew at those that changed."""
        for key in self.changed:
            run = self._runs[key]
            view = None if run.empty else self.guarded(run, partial(run.view, live=live))
            if view is None:
                self._views.pop(key, None)
            else:
                self._views[key] = view
        self.changed.clear()
        return self._views.values()

    def _new(self, key: str, path: Path, name: str = "") -> Run:
        name = name or (path.stem if path.suffix else path.name)
        if name.lower() in _TELLING_NOTHING:
            name = path.absolute().parent.name or name
        run = Run(key, clean(name), str(path), self._rules, self._given, recorder=self._recorder)
        self._runs[key] = run
        return run

    def _superseding(self, earlier: Run) -> Run:
        """Return a run that takes the place of an earlier one in the same file."""
        earlier.superseded = True
        self.changed.add(earlier.key)
        number = earlier.number + 1
        key = f"{earlier.path}#{number}"
        # The file of another rank may have begun it.
        later = self._runs.get(key) or self._new(key, Path(earlier.path))
        later.number = number
        return later
