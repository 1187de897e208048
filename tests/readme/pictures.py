"""The README's pictures, drawn by the real screen on a recorded demo run.

``python -m tests.readme`` draws them anew; a test fails when they are stale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainmon.monitor import Monitor
from trainmon.ui.still import still

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "images"
LOGS = Path(__file__).parent / "logs"

SINCE_LAST_RECORD = 1.4
"""Seconds after the last record at which the pictures are taken."""


@dataclass(frozen=True)
class Picture:
    """What a picture shows: a size, a theme, and the keys pressed before."""

    name: str
    size: tuple[int, int]
    theme: str
    keys: Sequence[str] = ()


PICTURES = (
    Picture("overview", (120, 36), "dark"),
    Picture("before", (120, 30), "dark", ("comma", "less_than_sign")),
    Picture("told", (120, 30), "dark", ("comma",)),
    Picture("findings", (120, 36), "dark", ("7",)),
    Picture("metrics", (120, 36), "gruvbox", ("2",)),
    Picture("small", (80, 24), "light"),
)


def draw(picture: Picture) -> str:
    """Return a picture as SVG."""
    view = Monitor([LOGS]).read_all(0.0)
    told = view.runs[0].last_time
    assert told is not None
    frame = still(
        view,
        told + SINCE_LAST_RECORD,
        size=picture.size,
        theme=picture.theme,
        keys=picture.keys,
        title="trainmon watch logs/",
    )
    return frame.svg


def path_of(picture: Picture) -> Path:
    """Return where a picture lies."""
    return FOLDER / f"{picture.name}.svg"
