"""The loop that owns everything that is read: files, lanes, rules, incidents. One thread, one way.

`Monitor.step` does one bounded piece of work and is synchronous, so that all of it is tested
without threads; `Monitor.view` is what the rest of the program sees.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from trainmon.decisions import Recorder
from trainmon.given import Given
from trainmon.liveness import Process, ProcessProbe, no_process
from trainmon.log_file import LogFile, Reading
from trainmon.log_files import LogFiles
from trainmon.rule import Moment, Rule
from trainmon.rules import all_rules
from trainmon.runs import Runs
from trainmon.source import Part
from trainmon.store.batch import batch_of
from trainmon.text import clean
from trainmon.view import Machine, View, in_order

CHUNK = 512 * 1024
"""Bytes of one read: larger ones take longer per byte, as their records leave the caches."""

CHUNK_WITH_SCREEN = 128 * 1024
"""Bytes of one read while a screen is open: parsing holds the interpreter for as long."""

READING_SECONDS = 0.025
"""Time that a step reads for. What it read is judged as a whole, which takes about as long again: a
key that is pressed meanwhile waits no longer than for both."""

READS = 16
"""Reads of a step at most, as the rules see what was read as one block: of more they gain little,
and what is not judged yet must not be much."""

JUDGING_SECONDS = 2.0
"""Time between two judgings of a run that grows: one costs about a millisecond, however little is
new. Curves are shown at once, events and a first NaN are judged at once, and any other finding is
not late by two seconds. A run that grows more slowly is judged with each record."""

UNPUBLISHED_SECONDS = 0.1
"""Time for which nothing is published while files that are due wait to be read: to look at a
thousand ranks takes as long as to read some of their files, and the screen shows five views a
second."""

CLOSING_SECONDS = 30.0
"""Time after which a run of several ranks that does not grow is asked how each of them ended: the
files of a thousand are read within half of it."""

LIVE_SECONDS = 1.0
"""Time between two looks of the live rules at the clock."""


class Monitor:
    """Reads, judges and publishes. All methods but `view` belong to one thread.

    `now` is in Unix seconds; `timer` measures the work of a step, in seconds; `recorder` gets each
    decision. With `rules_later` the first view of a run is not judged yet, and comes the sooner. A
    log on which the judging breaks is told as a failure, and the others go on; with `strict` it
    raises.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        rules: Sequence[Rule[Any]] | None = None,
        given: Given | None = None,
        process: ProcessProbe = no_process,
        live: bool = False,
        rules_later: bool = False,
        chunk: int = CHUNK,
        strict: bool = False,
        recorder: Recorder | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.view = View(0, 0.0)
        """The last published view; replaced as a whole, so any thread may read it."""
        self._process = process
        self._live = live
        self._timer = timer
        self._files = LogFiles(paths, chunk, except_for=recorder.file if recorder else None)
        # Loading the rules takes as long as all before the first picture, which needs none of them.
        self._rules_later = rules_later
        if rules is None:
            rules = () if rules_later else all_rules()
        self._runs = Runs(rules, given=given, strict=strict, recorder=recorder)
        self._recorder = recorder
        self._machine: Machine | None = None
        self._next_look = 0.0
        self._waiting = 0
        """Files that are due and were not read for want of time."""

    def step(self, now: float, *, machine: Machine | None = None) -> bool:
        """Read what is due for `READING_SECONDS`, judge it and publish.

        Returns whether there is more to do at once.
        """
        if self._rules_later and self.view.revision:
            self._rules_later, self._next_look = False, now
            self._runs.use(all_rules())
        if machine is not None:
            self._sense(machine)
        behind = self._files.behind
        more = self._advance(now) or (self._rules_later and any(True for _ in self._runs))
        # The first view of all there is tells how ranks ended too: plain lines end with it.
        caught_up = behind and not self._files.behind
        if self._live and (caught_up or now >= self._next_look):
            self._look(now)
        if machine is not None:
            self._machine, self._files.news = machine, True
        if not self._waiting or not 0 <= now - self.view.now < UNPUBLISHED_SECONDS:
            self._publish(now)
        return more

    def _advance(self, now: float) -> bool:
        """Read what is due and judge it; return whether there is more to read at once."""
        started = self._timer()
        for _ in range(READS):
            due = self._files.due(now)
            for path in self._files.take_absorbed():
                self._start_over(path)
            self._waiting = len(due)
            for path in due:
                self._read(path, now)
                self._waiting -= 1
                if self._timer() - started > READING_SECONDS:
                    break
            if not self._files.backlog or self._timer() - started > READING_SECONDS:
                break
        self._runs.release(behind=self._files.behind)
        self._judge(now, every=self._judging_seconds)
        return bool(self._files.backlog or self._waiting)

    def _judge(self, now: float, *, every: float = 0.0) -> None:
        """Judge what is due, and the ranks side by side when all that is there has been read."""
        self._runs.judge(now, every=every)
        if not self._files.behind:
            self._runs.compare_ranks(live=self._live)

    @property
    def _judging_seconds(self) -> float:
        """The time between two judgings of a run: none while much is read at once."""
        return JUDGING_SECONDS if self._live and not self._files.backlog else 0.0

    def read_all(self, now: float) -> View:
        """Read everything there is to its end, once, and return the view."""
        while self._advance(now):
            pass
        for path in self._files:
            while self._read(path, now, ended=True):
                self._judge(now)
        for file in self._files.without_records(self._runs.files):
            self._runs.take(file, Part(batch_of([])), None)
        self._runs.release(behind=self._files.behind)
        self._judge(now)
        for run in self._runs:
            self._runs.guarded(run, run.close_ranks)
            run.process = self._process(run.header)
            self._runs.changed.add(run.key)
        self._publish(now)
        fruitless = self._files.fruitless(self._runs.files)
        self.view = replace(self.view, failures=(*self.view.failures, *fruitless))
        return self.view

    def wake(self, paths: Sequence[Path], now: float) -> None:
        """Take in that these paths changed: they are due at once, and new ones are looked for."""
        self._files.wake(paths, now)

    def tell(self, notices: Sequence[str]) -> None:
        """Show these notices of the following itself."""
        self._files.tell(notices)

    def next_due(self, now: float) -> float:
        """Return when there is something to do again, in Unix seconds."""
        return min(self._files.next_due(now), self._runs.next_due(self._judging_seconds))

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of the files that are followed, the newest first, for announcements."""
        newest = sorted(self._runs, key=lambda run: -(run.grew or 0.0))
        folders = dict.fromkeys((*(Path(run.path) for run in newest), *self._files.folders))
        crowded = self._files.crowded
        return tuple(path for path in folders if path not in crowded and path.is_dir())

    @property
    def steady_folders(self) -> frozenset[Path]:
        """Those of them of which each file grows so fast that announcements would come too late."""
        return self._files.steady

    def _read(self, path: Path, now: float, *, ended: bool = False) -> bool:
        """Read one file once; return whether more of it waits."""
        # The rest of a backlog was there before: only a file read to its end is seen to grow.
        run = self._runs.of(path)
        grew = now if self._live and run and path not in self._files.backlog else None
        file, reading = self._files.read(path, now, ended=ended)
        if reading is None:
            return False
        self._take(file, reading, grew)
        if self._live:
            self._preview(file, first=run is None)
        return reading.more

    def _take(self, file: LogFile, reading: Reading, grew: float | None) -> None:
        if reading.fresh:
            self._start_over(file.path)
        for part in reading.parts:
            if part.fresh:
                self._start_over(file.path)
            if part.batch.n_rows or file.path in self._files.given:
                self._runs.take(file, part, grew)
        told = [f"{clean(file.path.name)}: {notice}" for notice in reading.notices]
        run = self._runs.of(file.path)
        if run is not None:
            run.notices |= dict.fromkeys(told)
            self._runs.changed.add(run.key)
        elif not file.failure:
            self._files.tell(told)

    def _start_over(self, path: Path) -> None:
        for other in self._runs.start_over(path):
            self._files.restart(other)
        self._files.news = True

    def _preview(self, file: LogFile, *, first: bool) -> None:
        """Show samples of a large log while it is being read, and drop them at its end."""
        run = self._runs.of(file.path)
        behind = file.path in self._files.backlog
        if run is not None and first and behind:
            run.preview = file.preview()
        elif run is not None and run.preview is not None and not behind:
            run.preview = None

    def _look(self, now: float) -> None:
        """Let the live rules of the runs that may be alive look at the clock."""
        self._next_look = now + LIVE_SECONDS
        # A log that is still being caught up with only seems to have stopped.
        behind = [self._runs.of(path) for path in self._files.backlog]
        for run in self._runs:
            if run.superseded or run.empty or run in behind:
                continue
            process = self._process(run.header)
            spoke = self._runs.guarded(
                run, partial(run.look, Moment(now, process, run.grew), self._process)
            )
            rests = not self._files.behind and now - (run.grew or 0.0) >= CLOSING_SECONDS
            if rests and run.has_others:
                spoke = self._runs.guarded(run, run.close_ranks) or spoke
            if spoke or process != run.process:
                run.process = process
                self._runs.changed.add(run.key)

    def _sense(self, machine: Machine) -> None:
        """Give the runs that live on this machine what was read of it."""
        for run in self._runs:
            if run.process is not Process.ALIVE or run.superseded or run.empty:
                continue
            if self._runs.guarded(run, partial(run.sense, machine)):
                self._runs.changed.add(run.key)

    def _publish(self, now: float) -> None:
        files, runs = self._files, self._runs
        if not (runs.changed or files.backlog or files.news):
            return
        revision = self.view.revision + bool(runs.changed)
        files.news = False
        self.view = View(
            revision=revision,
            now=now,
            runs=in_order(runs.views(live=self._live)),
            machine=self._machine,
            reading=files.share_read(),
            notices=(*files.notices(), *(self._recorder.notices if self._recorder else ())),
            failures=(*files.failures(), *runs.broken.values()),
            files=files.views(),
        )
