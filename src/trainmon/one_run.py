"""The one run that a path holds, where a command wants exactly one."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from trainmon.effective_batch import with_world_size
from trainmon.errors import ReadError
from trainmon.given import Given
from trainmon.monitor import Monitor
from trainmon.reference import Reference, reference_of
from trainmon.roles import Overrides
from trainmon.text import clean
from trainmon.view import RunView

_NAMED = 5
"""Runs that an error names."""


def run_at(path: Path, roles: Overrides | None = None) -> RunView:
    """Return the run that a path holds, read to its end and not judged.

    Runs that a later one in the same file superseded do not count. Raises `ReadError` where there
    is none or more than one; the hint says how to name one.
    """
    given = Given(roles=roles or Overrides())
    view = Monitor([path], rules=(), given=given).read_all(time.time())
    runs = [run for run in view.runs if not run.superseded and run.records]
    if len(runs) == 1:
        return runs[0]
    if runs:
        names = ", ".join(clean(run.name) for run in runs[:_NAMED])
        more = " ..." if len(runs) > _NAMED else ""
        raise ReadError(
            f"'{clean(str(path))}' holds {len(runs)} runs: {names}{more}",
            hint=f"name one of them by its own path: {clean(runs[0].path)}",
        )
    if view.failures:
        raise ReadError(view.failures[0])
    raise ReadError(
        f"'{clean(str(path))}' holds no run with metrics",
        hint="trainmon formats lists what is read",
    )


def told_apart(runs: Sequence[RunView]) -> list[RunView]:
    """Return runs with names of their own: those alike get their folders before, or are paths."""
    names = [run.name for run in runs]
    if len(set(names)) < len(runs):
        names = ["/".join(filter(None, (PurePath(run.path).parent.name, run.name))) for run in runs]
    if len(set(names)) < len(runs):
        names = [run.path for run in runs]
    return [replace(run, name=name) for run, name in zip(runs, names, strict=True)]


def reference_from(run: RunView) -> Reference:
    """Return a run as one that others are compared with."""
    context = run.context
    return reference_of(
        run.name,
        with_world_size(context.settings, context.header),
        context.roles,
        run.lead,
        monitored=context.monitored,
    )


def reference_at(path: Path, roles: Overrides | None = None) -> Reference:
    """Return the run that a path holds as one that others are compared with.

    Raises `ReadError` as `run_at` does.
    """
    return reference_from(run_at(path, roles))
