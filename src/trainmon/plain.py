"""Plain lines in place of the screen, for pipes and dumb terminals."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from trainmon.attention import Remembered, attended, attention_path
from trainmon.decisions import Recorder
from trainmon.following import Following
from trainmon.given import Given
from trainmon.incidents import Incident, Regard
from trainmon.latest import Latest
from trainmon.view import RunView, Status, View

_PROGRESS_SECONDS = 10.0
"""Time between two lines on the progress of a run that says nothing else."""

_LONGEST_WAIT = 1.0
"""Seconds after which it is seen that nothing follows the paths any more."""

_STOPPED = 2
"""The exit code when the following broke off; the last view has told why."""

_OVER = (Status.FINISHED, Status.CRASHED)


class Lines:
    """Turns views into lines: what is new of each run. Owned by one thread."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, tuple[str, str | None, int]], tuple[int, bool]] = {}
        self._progress: dict[str, float] = {}
        self._states: dict[str, Status] = {}
        self._notes: set[str] = set()

    def of(self, view: View) -> list[str]:
        """Return the lines that a view adds to those before it."""
        lines = [f"note: {note}" for note in self._new_notes(view)]
        for run in view.runs:
            if not run.superseded:
                lines += self._run(run, view)
        return lines

    def _new_notes(self, view: View) -> list[str]:
        notes = [note for note in (*view.failures, *view.notices) if note not in self._notes]
        self._notes.update(notes)
        return notes

    def _run(self, run: RunView, view: View) -> list[str]:
        lines = []
        for incident in run.findings:
            if incident.regard is Regard.MUTED:
                continue
            state = (int(incident.severity), incident.cleared)
            if self._told.get((run.key, incident.key)) != state:
                self._told[run.key, incident.key] = state
                lines.append(f"{run.name}: {_finding(incident)}")
        if view.reading is not None:  # how it stands is known once all has been read
            return lines
        changed = self._states.get(run.key) != run.status
        if changed or view.now - self._progress.get(run.key, 0.0) >= _PROGRESS_SECONDS:
            self._states[run.key] = run.status
            self._progress[run.key] = view.now
            step = f", step {run.last_step:,.0f}" if run.last_step is not None else ""
            records = f"{run.records:,} {'record' if run.records == 1 else 'records'}"
            lines.append(f"{run.name}: {run.status.value}{step}, {records}")
        return lines


def follow(
    paths: Sequence[Path],
    out: TextIO | None = None,
    *,
    given: Given | None = None,
    recorder: Recorder | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Follow paths and write lines until all runs have ended; return the exit code."""
    out = out or sys.stdout
    latest = Latest[View]()
    following = Following(paths, latest.put, given=given, recorder=recorder, clock=clock)
    lines, remembered = Lines(), Remembered(attention_path())
    if remembered.notice:
        out.write(f"note: {remembered.notice}\n")
    following.start()
    try:
        while True:
            going = following.running
            view = latest.take(_LONGEST_WAIT)
            if view is None:
                if not going:
                    return _STOPPED
                continue
            for line in lines.of(attended(view, remembered.attention)):
                out.write(f"{line}\n")
            out.flush()
            runs = [run for run in view.runs if not run.superseded]
            if view.reading is None and runs and all(run.status in _OVER for run in runs):
                return 0
    finally:
        following.stop()


def _finding(incident: Incident) -> str:
    state = f" ({incident.state})" if incident.state else ""
    return f"{incident.heading}: {incident.title}{state}"
