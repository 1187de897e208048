"""``trainmon watch``: the live screen, or plain lines where there is no terminal."""

import gc
import os
import shutil
import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainmon.cli.check import (
    add_record_option,
    add_reference_option,
    add_role_option,
    add_setting_option,
    recording,
)
from trainmon.errors import ReadError, UsageError
from trainmon.text import clean
from trainmon.ui.look.appearance import Appearance, add_appearance_options, appearance
from trainmon.ui.pages import FIRST, PAGES

if TYPE_CHECKING:  # they are loaded when the command runs
    from trainmon.decisions import Recorder
    from trainmon.given import Given
    from trainmon.reference import Reference
    from trainmon.roles import Overrides

SUMMARY = "watch runs live; without a path the newest one under logs/, runs/, lightning_logs/"

_PATIENCE = 10.0
"""Seconds that a single picture waits for a driver, which may take as many to begin."""

_PROBLEM = 2
"""The exit code where something could not be read."""

USUAL_FOLDERS = ("logs", "runs", "lightning_logs")
"""Where training scripts put their logs, in the order in which they are tried."""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="a file or a folder")
    add_appearance_options(parser)
    parser.add_argument("--once", action="store_true", help="print one frame as text, and end")
    parser.add_argument(
        "--screenshot", metavar="FILE.svg", type=Path, help="write one frame as a picture, and end"
    )
    parser.add_argument(
        "--page",
        default=FIRST,
        choices=tuple(PAGES),
        help="the page of that frame (default: %(default)s)",
    )
    add_role_option(parser)
    add_setting_option(parser)
    add_reference_option(parser)
    add_record_option(parser)


def run(arguments: Namespace) -> int:
    """Watch until the screen is closed."""
    from trainmon.given import Given
    from trainmon.preferences import preferences, role_overrides, told_settings

    if Path("-") in arguments.paths:
        raise UsageError("a pipe cannot be watched", hint="cat LOG | trainmon check -")
    look = appearance(arguments, preferences().screen)
    roles = role_overrides(arguments.role)
    settings = told_settings(arguments.settings)
    given = Given(roles, settings, _reference(arguments.reference, roles))
    paths = arguments.paths or usual_paths(Path.cwd())
    if arguments.once or arguments.screenshot:
        return _still(paths, arguments, look, given)
    with recording(arguments.record) as recorder:
        return _watch(paths, look, given, recorder)


def _watch(paths: list[Path], look: Appearance, given: "Given", recorder: "Recorder | None") -> int:
    if not on_a_terminal():
        from trainmon.plain import follow

        return follow(paths, given=given, recorder=recorder)
    # Loading makes 100,000 objects that stay: looking for garbage among them takes 60 ms in all.
    # The app collects again as soon as it has been loaded.
    gc.disable()
    from trainmon.ui.opening import watch

    watch(paths, look.theme, given, recorder, glyphs=look.glyphs, fps=look.fps)
    return 0


def _still(paths: list[Path], arguments: Namespace, look: Appearance, given: "Given") -> int:
    """Print or write one frame of what there is now; return 2 where a path could not be read."""
    from rich.console import Console

    from trainmon.machine import MachineProbe
    from trainmon.monitor import Monitor
    from trainmon.probes.process import process_of
    from trainmon.ui.look.glyphs import Glyphs
    from trainmon.ui.still import USUAL, still

    file: Path | None = arguments.screenshot
    if file is not None and file.suffix.lower() != ".svg":
        raise UsageError(f"'{clean(str(file))}' is no .svg file", hint="--screenshot run.svg")
    # The first interval of its rates is while the log is read.
    now, probe = time.time(), MachineProbe(patience=_PATIENCE)
    view = Monitor(paths, given=given, process=process_of).read_all(now)
    pids = [pid for run in view.runs for pid in run.pids]
    view = replace(view, machine=probe.sample(pids))
    columns, rows = shutil.get_terminal_size(USUAL)
    title = f"trainmon watch {' '.join(clean(path.name) for path in paths)}"
    frame = still(
        view,
        now,
        size=(columns, rows),
        theme=look.theme,
        page=arguments.page,
        title=title,
        remember=True,
        glyphs=Glyphs(look.glyphs),
    )
    if arguments.once:
        frame.print(Console(width=columns))
    if file is not None:
        file.write_text(frame.svg, encoding="utf-8")
    for failure in view.failures:
        sys.stderr.write(f"trainmon: {failure}\n")
    return _PROBLEM if view.failures else 0


def _reference(path: Path | None, roles: "Overrides") -> "Reference | None":
    if path is None:  # what reads a run takes longer to load than the first picture
        return None
    from trainmon.one_run import reference_at

    return reference_at(path, roles)


def on_a_terminal() -> bool:
    """Return whether a screen can be drawn."""
    dumb = os.environ.get("TERM", "") in {"", "dumb"}
    return sys.stdout.isatty() and sys.stdin.isatty() and not dumb


def usual_paths(folder: Path) -> list[Path]:
    """Return the usual log folders that there are, or raise `ReadError`."""
    found = [folder / name for name in USUAL_FOLDERS if (folder / name).is_dir()]
    if not found:
        names = ", ".join(f"{name}/" for name in USUAL_FOLDERS)
        raise ReadError(f"there is no {names} here", hint="name a path: trainmon watch PATH")
    return found
