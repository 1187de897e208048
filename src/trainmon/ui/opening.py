"""Opens the screen on paths: the app, what it follows, and what it remembers."""

import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from trainmon.ui.app import Feed, TrainmonApp
from trainmon.ui.look.glyphs import Glyphs
from trainmon.ui.pixels.terminal import pixels_here
from trainmon.ui.terminal.hang_up import when_hung_up
from trainmon.ui.terminal.pace import FRAME_SECONDS

if TYPE_CHECKING:  # they load numpy, and the first paint waits for Textual alone
    from trainmon.decisions import Recorder
    from trainmon.given import Given
    from trainmon.view import View


def watch(
    paths: list[Path],
    theme: str,
    given: "Given | None" = None,
    recorder: "Recorder | None" = None,
    *,
    glyphs: str = Glyphs.BRAILLE,
    fps: float = 1 / FRAME_SECONDS,
) -> None:
    """Open the screen on these paths and return when it is closed."""
    pixels, why_not = pixels_here(os.environ) if glyphs == Glyphs.PIXELS else (None, "")
    told = (why_not,) if why_not else ()

    def make_feed(post: Callable[["View"], None]) -> Feed:
        following = import_module("trainmon.following")
        machine = import_module("trainmon.machine")
        probe = machine.MachineProbe()
        feed: Feed = following.Following(
            paths,
            post,
            given=given,
            recorder=recorder,
            probe=probe,
            rules_later=True,
            rest=1 / fps,
        )
        return feed

    app = TrainmonApp(
        make_feed,
        theme=theme,
        remember=True,
        glyphs=Glyphs(glyphs),
        fps=fps,
        make_screens=lambda: import_module("trainmon.ui.keeping.habits").Screens(paths),
        notices=lambda: (*told, *(recorder.notices if recorder else ())),
        pixels=pixels,
    )
    when_hung_up(sys.stdin.fileno(), partial(app.call_from_thread, app.exit))
    app.run()
