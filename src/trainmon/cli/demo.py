"""``trainmon demo``: train a small model here, with a fault in it, and watch it."""

import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path

from trainmon.demo import DEFAULT, PACE, STEPS, load, recipes

SUMMARY = "train a small model here and watch it: needs no GPU, no torch, no data"

_END_SECONDS = 5.0
"""Time a training gets to end itself when the screen is closed."""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of this command."""
    width = max(len(name) for name, _ in recipes())
    listed = "\n".join(f"  {name:{width}}  {what}" for name, what in recipes())
    parser.epilog = f"demos:\n{listed}"
    parser.formatter_class = RawDescriptionHelpFormatter
    help_text = f"one of those below (default: {DEFAULT})"
    parser.add_argument("fault", nargs="?", default=DEFAULT, metavar="DEMO", help=help_text)
    parser.add_argument("--folder", type=Path, help="where to log (default: a temporary folder)")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"default: {STEPS:,}")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument(
        "--pace", type=float, default=PACE, help=f"steps per second, 0 for all (default: {PACE:g})"
    )
    parser.add_argument("--theme", default="dark", help="a theme by its name (default: dark)")


def run(arguments: Namespace) -> int:
    """Train in a process of its own; show it live, or judge it at the end without a terminal."""
    from trainmon.cli.watch import on_a_terminal

    load(arguments.fault)
    base = arguments.folder or Path(tempfile.mkdtemp(prefix="trainmon-demo-"))
    folder = base / arguments.fault
    live = on_a_terminal()
    command = [sys.executable, "-m", "trainmon.demo", arguments.fault, str(folder)]
    command += ["--steps", str(arguments.steps), "--seed", str(arguments.seed)]
    if live and arguments.pace > 0:
        command += ["--pace", str(arguments.pace)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as training:  # noqa: S603 - our own module with our own arguments
        try:
            if not live:
                return _judged(training, folder)
            from trainmon.ui.opening import watch

            watch([base], arguments.theme)
        finally:
            _end(training)
    sys.stdout.write(f"the log is {folder}; judge it with: trainmon check {folder}\n")
    return 0


def _judged(training: subprocess.Popen[bytes], folder: Path) -> int:
    """Wait for the training and print the judgement; the faults are meant to be there."""
    from trainmon.monitor import Monitor
    from trainmon.report.text import as_text

    code = training.wait()
    if code == 0:
        sys.stdout.write(as_text(Monitor([folder]).read_all(time.time())))
    return code


def _end(training: subprocess.Popen[bytes]) -> None:
    """End the training with the screen: nobody watches it any more."""
    training.terminate()
    try:
        training.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        training.kill()
