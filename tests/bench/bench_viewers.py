"""Our screen beside the other programs that show a run in a terminal, in the same run.

LEET of Weights & Biases shows what `wandb` logs offline; toolong shows the lines of our own log.
Each opens a run of 10,000 records; then all follow theirs at 20 records a second, at 200 x 60. A
program that is not installed or does not start has a row that says so. toolong needs an older
Textual, so an environment of its own: `python -m venv tl && tl/bin/pip install toolong`, and
`tl/bin` at the end of PATH.

    python -m tests.bench.bench_viewers [--quick]
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from tests.bench.bench_first_frame import has_curves, painted
from tests.bench.bench_steady import HEIGHT, PER_SECOND, RECORDS, WIDTH, Cost, costs
from tests.bench.table import Row, main
from tests.bench.terminal import Screen, Shown, Terminal
from tests.bench.trackers.driven import Driven
from tests.bench.trackers.wandb_offline import WandbOffline
from tests.bench.training import MINIMAL, WATCH, Pace, Training

SECONDS = 30
ROUNDS = 5
PRESSES = 9

_SETTLING = 6.0
"""Seconds after which all have read and drawn what was there."""

_UP = "\x1b[A"
"""The key that goes to the line above."""

_QUIET = 0.5
"""Seconds without output after which the next output is the answer to a key."""

_RESTLESS = 3.0
"""Seconds after which a program that never rests is pressed a key all the same."""

_PATIENCE = 20.0
"""Seconds within which a program has to show something."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A program that shows a run."""

    name: str
    command: Sequence[str]
    shown: Shown
    """Whether it shows what was logged: curves, or lines."""
    key: str = "\t"
    """A key that changes what is to be seen, each time."""
    variables: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    """Why it cannot be started; empty if it can."""

    @contextmanager
    def opened(self) -> Iterator[Terminal]:
        """Run it on a terminal of its own."""
        size = {"height": HEIGHT, "width": WIDTH}
        with Terminal(self.command, variables=self.variables, **size) as terminal:
            yield terminal


def measure(quick: bool) -> list[Row]:  # noqa: FBT001 - the one switch of all benchmarks
    """Return first frames, costs and keys of each viewer beside the minimal app."""
    with ExitStack() as endings:
        folder = Path(endings.enter_context(tempfile.TemporaryDirectory()))
        training = Training(folder / "run", RECORDS)
        wandb = _wandb(folder / "wandb")
        if wandb:
            endings.callback(wandb.end)
        viewers = [
            Viewer("minimal app", [*MINIMAL, str(training.file)], painted),
            Viewer("trainmon", [*WATCH, str(training.file.parent)], has_curves),
            _leet(folder, installed=wandb is not None),
            _toolong(training.file),
        ]
        missing = [Row(each.name, 0.0, "", said=each.missing) for each in viewers if each.missing]
        there = [viewer for viewer in viewers if not viewer.missing]
        rows, started = _starts(there, 1 if quick else ROUNDS)

        def log(seconds: float) -> None:
            if wandb:
                wandb.log(round(seconds * PER_SECOND), 1 / PER_SECOND)

        rows += _lives(
            started, training, log, SECONDS // (3 if quick else 1), 3 if quick else PRESSES
        )
        return rows + missing


def _wandb(folder: Path) -> Driven | None:
    """Return a training that has logged its past with wandb; None where that is not installed."""
    if any(find_spec(module) is None for module in WandbOffline.needs):
        return None
    training = Driven(WandbOffline(), folder)
    training.wait_until_ready()
    training.log(RECORDS, 0.0)
    return training


def _leet(folder: Path, *, installed: bool) -> Viewer:
    runs = sorted((folder / "wandb").glob("wandb/offline-run-*"))
    variables = dict(WandbOffline().environment(folder)) | {"HOME": str(folder)}
    command = (sys.executable, "-m", "wandb", "leet", *map(str, runs[:1]))
    return Viewer("LEET", command, has_curves, "?", variables, "" if installed else "needs wandb")


def _toolong(file: Path) -> Viewer:
    program = shutil.which("tl")
    missing = "" if program else "not installed: it needs an environment of its own"
    return Viewer("toolong", [program or "", str(file)], _has_lines, _UP, missing=missing)


def _has_lines(screen: Screen) -> bool:
    return '"step"' in screen.text()


def _starts(viewers: Sequence[Viewer], rounds: int) -> tuple[list[Row], list[Viewer]]:
    """Return the times to the first paint and to the first data, and who came to show any."""
    times: dict[str, list[tuple[float, float]]] = {viewer.name: [] for viewer in viewers}
    failed: dict[str, str] = {}
    for _ in range(rounds + 1):  # the first compiles all modules
        for viewer in viewers:
            if viewer.name in failed:
                continue
            try:
                times[viewer.name].append(_start(viewer))
            except (TimeoutError, EOFError) as error:
                failed[viewer.name] = f"does not start: {str(error).splitlines()[0]}"
    started = [viewer for viewer in viewers if viewer.name not in failed]
    rows = [Row(f"{name} starts", 0.0, "", said=said) for name, said in failed.items()]
    floors = [1e3 * median(each) for each in zip(*times[viewers[0].name][1:], strict=True)]
    for what, at in (("first paint", 0), ("first data", 1)):
        for viewer in started[1:]:
            taken = 1e3 * median(each[at] for each in times[viewer.name][1:])
            rows.append(_row(f"{viewer.name}, start to {what}", taken, "ms", floors[0]))
    return rows, started


def _start(viewer: Viewer) -> tuple[float, float]:
    with viewer.opened() as terminal:
        paint = terminal.wait_for(painted, _PATIENCE) - terminal.started
        return paint, terminal.wait_for(viewer.shown, _PATIENCE) - terminal.started


def _lives(
    viewers: Sequence[Viewer],
    training: Training,
    log: Callable[[float], None],
    seconds: float,
    presses: int,
) -> list[Row]:
    """Return what each takes of a core and of the line while its run goes on, and of a key."""
    with ExitStack() as open_ones, ThreadPoolExecutor() as threads:
        terminals = tuple(open_ones.enter_context(viewer.opened()) for viewer in viewers)
        logging = threads.submit(log, _SETTLING + seconds + 1)
        with Pace(training, PER_SECOND):
            costs(terminals, _SETTLING)
            taken = costs(terminals, seconds)
        logging.result()
        costs(terminals, _SETTLING)
        keys = [
            median(_key(terminal, viewer.key) for _ in range(presses))
            for viewer, terminal in zip(viewers, terminals, strict=True)
        ]
    return [
        *_live_rows(viewers, taken),
        *(
            _row(f"{viewer.name}, key at rest, p50", key, "ms", keys[0])
            for viewer, key in zip(viewers[1:], keys[1:], strict=True)
        ),
    ]


def _live_rows(viewers: Sequence[Viewer], taken: Sequence[Cost]) -> list[Row]:
    floor = taken[0]
    rows = []
    for viewer, cost in zip(viewers[1:], taken[1:], strict=True):
        cpu, sent = cost.core_percent, cost.bytes_sent
        rows.append(_row(f"{viewer.name}, live, CPU", cpu, "%", floor.core_percent))
        rows.append(_row(f"{viewer.name}, live, bytes", sent, "B/s", floor.bytes_sent))
    return rows


def _key(terminal: Terminal, key: str) -> float:
    """Return the milliseconds from a key to the next output."""
    deadline = time.perf_counter() + _RESTLESS
    while any(True for _ in terminal.outputs(_QUIET)) and time.perf_counter() < deadline:
        pass
    pressed = terminal.press(key)
    return 1e3 * (next(terminal.outputs(_RESTLESS), pressed + _RESTLESS) - pressed)


def _row(what: str, value: float, unit: str, floor: float) -> Row:
    return Row(what, value, unit, None, floor, "minimal app")


if __name__ == "__main__":
    main(measure)
