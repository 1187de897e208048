"""The loop that owns everything that is read: files, lanes, rules, incidents. One thread, one way.

`Monitor.step` does one bounded piece of work and is synchronous, so that all of it is tested
without threads; `Monitor.view` is what the rest of the program sees.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from trainmon.liveness import Process
from trainmon.log_file import LogFile, Reading
from trainmon.log_files import LogFiles
from trainmon.rule import Moment, Rule
from trainmon.rules import all_rules
from trainmon.run import Run
from trainmon.text import clean
from trainmon.view import Machine, RunView, View, in_order

CHUNK = 512 * 1024
"""Bytes of one read: larger ones take longer per byte, as their records leave the caches."""

CHUNK_WITH_SCREEN = 128 * 1024
"""Bytes of one read while a screen is open: parsing holds the interpreter for as long."""

STEP_SECONDS = 0.05
"""Time one step may take: a key that is pressed meanwhile waits no longer than that."""

LIVE_SECONDS = 1.0
"""Time between two looks of the live rules at the clock."""

Result = TypeVar("Result")

ProcessProbe = Callable[[Mapping[str, Any]], Process]
"""Tells from a header whether the process that wrote it lives."""


def no_process(_: Mapping[str, Any]) -> Process:
    """Return that nothing is known of any process."""
    return Process.UNKNOWN


class Monitor:
    """Reads, judges and publishes. All methods but `view` belong to one thread.

    `now` is in Unix seconds; `timer` measures the work of a step, in seconds. A log on which the
    judging breaks is told as a failure, and the others go on; with `strict` it raises.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        rules: Sequence[Rule[Any]] | None = None,
        process: ProcessProbe = no_process,
        live: bool = False,
        chunk: int = CHUNK,
        strict: bool = False,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.view = View(0, 0.0)
        """The last published view; replaced as a whole, so any thread may read it."""
        self._rules = all_rules() if rules is None else rules
        self._process = process
        self._live = live
        self._strict = strict
        self._timer = timer
        self._files = LogFiles(paths, chunk)
        self._owners: dict[Path, tuple[Run, int]] = {}
        self._runs: dict[str, Run] = {}
        self._views: dict[str, RunView] = {}
        self._changed: set[str] = set()
        self._broken: dict[str, str] = {}
        """Runs whose judging raised, and what: they are not touched again."""
        self._machine: Machine | None = None
        self._next_look = 0.0

    def step(self, now: float, *, machine: Machine | None = None) -> bool:
        """Read what is due within `STEP_SECONDS`, judge and publish.

        Returns whether there is more to read at once.
        """
        started = self._timer()
        for path in self._files.due(now):
            self._read(path, now)
            if self._timer() - started > STEP_SECONDS:
                break
        if self._live and now >= self._next_look:
            self._look(now)
        self._publish(now, machine)
        return bool(self._files.backlog)

    def read_all(self, now: float) -> View:
        """Read everything there is to its end, once, and return the view."""
        while self.step(now):
            pass
        for path in self._files:
            while self._read(path, now, ended=True):
                pass
        for run in self._runs.values():
            run.process = self._process(run.header)
            self._changed.add(run.key)
        self._publish(now, None)
        fruitless = self._files.fruitless(self._owners)
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
        return self._files.next_due(now)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of the files that are followed, the newest first, for announcements."""
        newest = sorted(self._runs.values(), key=lambda run: -(run.grew or 0.0))
        folders = dict.fromkeys((*(Path(run.path) for run in newest), *self._files.folders))
        return tuple(folder for folder in folders if folder.is_dir())

    def _read(self, path: Path, now: float, *, ended: bool = False) -> bool:
        """Read one file once; return whether more of it waits."""
        # The rest of a backlog was there before: only a file read to its end is seen to grow.
        known = path in self._owners and path not in self._files.backlog
        file, reading = self._files.read(path, now, ended=ended)
        if reading is None:
            return False
        self._take(file, reading, grew=now if known and self._live else None)
        return reading.more

    def _take(self, file: LogFile, reading: Reading, grew: float | None) -> None:
        if reading.fresh and file.path in self._owners:
            self._start_over(file.path)
        for part in reading.parts:
            if file.path not in self._owners:
                self._owners[file.path] = self._owner(file)
            run, rank = self._owners[file.path]
            if part.begins_run and not run.empty:
                run = self._superseding(run)
                self._owners[file.path] = run, rank
            run.format = file.format
            self._guarded(run, partial(run.take, rank, part.batch))
            run.grew = grew or run.grew
            self._changed.add(run.key)
        told = [f"{clean(file.path.name)}: {notice}" for notice in reading.notices]
        if file.path in self._owners:
            run, _ = self._owners[file.path]
            run.notices |= dict.fromkeys(told)
            self._changed.add(run.key)
        elif not file.failure:
            self._files.tell(told)

    def _guarded(self, run: Run, work: Callable[[], Result]) -> Result | None:
        """Return what work on a run gives; None if the run is broken, or breaks now.

        A bug that one log brings out must not end the others.
        """
        if run.key in self._broken:
            return None
        try:
            return work()
        except Exception as error:
            if self._strict:
                raise
            what = clean(f"{type(error).__name__}: {error}")
            self._broken[run.key] = f"'{clean(run.path)}': a bug, please report it: {what}"
            self._files.news = True
            return None

    def _owner(self, file: LogFile) -> tuple[Run, int]:
        """Return the run and rank a file belongs to: a folder of rank files is one run."""
        name = file.path.name
        if name.startswith("rank") and name.endswith(".jsonl") and name[4:-6].isdigit():
            key, rank = str(file.path.parent), int(name[4:-6])
            return self._runs.get(key) or self._new_run(key, file.path.parent), rank
        return self._new_run(str(file.path), file.path), 0

    def _superseding(self, earlier: Run) -> Run:
        """Return a run that takes the place of an earlier one in the same file."""
        earlier.superseded = True
        self._changed.add(earlier.key)
        number = sum(run.path == earlier.path for run in self._runs.values()) + 1
        return self._new_run(f"{earlier.path}#{number}", Path(earlier.path))

    def _start_over(self, path: Path) -> None:
        """Forget what came from a file: its rank of a run, or all the runs it held."""
        run, rank = self._owners[path]
        run.forget(rank)
        self._changed.add(run.key)
        if run.key == run.path:
            return
        del self._owners[path]
        for key in [key for key, other in self._runs.items() if other.path == run.path]:
            del self._runs[key]
            self._views.pop(key, None)
            self._changed.discard(key)
        self._files.news = True

    def _new_run(self, key: str, path: Path) -> Run:
        name = path.stem if path.suffix else path.name
        run = self._runs[key] = Run(key, clean(name), str(path), self._rules)
        return run

    def _look(self, now: float) -> None:
        """Let the live rules of the runs that may be alive look at the clock."""
        self._next_look = now + LIVE_SECONDS
        # A log that is still being caught up with only seems to have stopped.
        behind = {self._owners[path][0].key for path in self._files.backlog if path in self._owners}
        for run in self._runs.values():
            if run.superseded or run.empty or run.key in behind:
                continue
            process = self._process(run.header)
            spoke = self._guarded(run, partial(run.look, Moment(now, process, run.grew)))
            if spoke or process != run.process:
                run.process = process
                self._changed.add(run.key)

    def _publish(self, now: float, machine: Machine | None) -> None:
        files = self._files
        if machine is None and not (self._changed or files.backlog or files.news):
            return
        revision = self.view.revision + bool(self._changed)
        self._machine, files.news = machine or self._machine, False
        for key in self._changed:
            run = self._runs[key]
            view = None if run.empty else self._guarded(run, partial(run.view, live=self._live))
            if view is None:
                self._views.pop(key, None)
            else:
                self._views[key] = view
        self._changed.clear()
        self.view = View(
            revision=revision,
            now=now,
            runs=in_order(self._views.values()),
            machine=self._machine,
            reading=files.share_read(),
            notices=files.notices(),
            failures=(*files.failures(), *self._broken.values()),
        )
