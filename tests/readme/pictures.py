"""The README's pictures, drawn by the real screen on a recorded demo run.

``python -m tests.readme`` draws them anew; a test fails when they are stale.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainmon.monitor import Monitor
from trainmon.ui.app import TrainmonApp
from trainmon.view import View

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
    Picture("card", (120, 36), "dark", ("n",)),
    Picture("small", (80, 24), "light"),
)


class OneView:
    """A feed that posts one view and no more."""

    def __init__(self, post: Callable[[View], None], view: View) -> None:
        self._post = post
        self._view = view

    def start(self) -> None:
        """Post the view."""
        self._post(self._view)

    def stop(self) -> None:
        """Nothing to end."""


def draw(picture: Picture) -> str:
    """Return a picture as SVG."""
    return asyncio.run(_drawn(picture))


async def _drawn(picture: Picture) -> str:
    view = Monitor([LOGS]).read_all(0.0)
    told = view.runs[0].last_time
    assert told is not None
    app = TrainmonApp(
        lambda post: OneView(post, view),
        theme=picture.theme,
        clock=lambda: told + SINCE_LAST_RECORD,
    )
    async with app.run_test(size=picture.size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press(*picture.keys)
        await pilot.pause()
        return app.export_screenshot(title="trainmon watch logs/")


def path_of(picture: Picture) -> Path:
    """Return where a picture lies."""
    return FOLDER / f"{picture.name}.svg"
