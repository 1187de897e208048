"""How a person left the screen of a log folder: remembered, so that it opens so again.

It is kept in ``screens.json`` in the state folder, by the paths that are watched. What cannot be
read is as if nothing was remembered; what cannot be written is a notice.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from trainmon.state_file import replace_file, state_path
from trainmon.text import clean
from trainmon.ui.desk import Desk
from trainmon.ui.pages import FIRST, PAGES
from trainmon.ui.runs.run_list import ORDERS
from trainmon.ui.scene import SMOOTHINGS, X_KINDS, Settings

_FILE = "screens.json"

_LIMIT = 200
"""Folders that are remembered; beyond, what was left first is forgotten."""

_PINS = 100
"""Metrics that stay pinned: more are a page of their own."""

_LETTERS = 200
"""Letters of a filter that are kept: a longer one was pasted by mistake."""

_BYTES = 8 << 20
"""Bytes of a file that is read (8 MiB): a full one has a tenth of that."""


@dataclass(frozen=True, slots=True)
class Habits:
    """The page, how charts are drawn, the metrics that are pinned, and what is filtered by."""

    page: str = FIRST
    smooth: float = Settings().smooth
    log_y: bool = False
    robust: bool = True
    x_kind: str = X_KINDS[0]
    pins: tuple[str, ...] = ()
    metric_filter: str = ""
    run_filter: str = ""
    run_order: str = ORDERS[0]
    log_search: str = ""

    @classmethod
    def of(cls, desk: Desk, page: str) -> "Habits":
        """Return how the screen is left."""
        settings = desk.settings
        return cls(
            page=page,
            smooth=settings.smooth,
            log_y=settings.log_y,
            robust=settings.robust,
            x_kind=settings.x_kind,
            pins=desk.pins[:_PINS],
            metric_filter=desk.metric_filter[:_LETTERS],
            run_filter=desk.choice.run_filter[:_LETTERS],
            run_order=desk.choice.run_order,
            log_search=desk.log_search[:_LETTERS],
        )

    @classmethod
    def told(cls, fields: Mapping[str, Any]) -> "Habits":
        """Return what fields of a file tell, as far as it makes sense."""
        usual = cls()
        pins = fields.get("pins")
        told = pins if isinstance(pins, list) else []
        return cls(
            page=_one_of(PAGES, fields.get("page"), usual.page),
            smooth=_one_of(SMOOTHINGS, fields.get("smooth"), usual.smooth),
            log_y=fields.get("log_y") is True,
            robust=fields.get("robust") is not False,
            x_kind=_one_of(X_KINDS, fields.get("x_kind"), usual.x_kind),
            pins=tuple(clean(str(name)) for name in told[:_PINS]),
            metric_filter=_text(fields.get("metric_filter")),
            run_filter=_text(fields.get("run_filter")),
            run_order=_one_of(ORDERS, fields.get("run_order"), usual.run_order),
            log_search=_text(fields.get("log_search")),
        )

    def settle(self, desk: Desk) -> None:
        """Have a desk as it was left."""
        x_kind = next(kind for kind in X_KINDS if kind == self.x_kind)
        desk.settings = replace(
            desk.settings,
            smooth=self.smooth,
            log_y=self.log_y,
            robust=self.robust,
            x_kind=x_kind,
        )
        desk.pins = self.pins
        desk.metric_filter, desk.log_search = self.metric_filter, self.log_search
        desk.choice = replace(desk.choice, run_filter=self.run_filter, run_order=self.run_order)


class Screens:
    """The habits of one set of paths, in a file. Owned by the thread that draws."""

    def __init__(self, paths: Sequence[Path], file: Path | None = None) -> None:
        self._file = file or state_path(_FILE)
        self._key = "\n".join(sorted(map(_told_path, paths)))

    def read(self) -> Habits:
        """Return how the screen of these paths was left; the usual if it never was."""
        left = self._all().get(self._key)
        return Habits.told(left) if isinstance(left, dict) else Habits()

    def write(self, habits: Habits) -> str:
        """Remember how it is left; return why it could not be written, empty if it was."""
        others = {key: left for key, left in self._all().items() if key != self._key}
        kept = dict(list(others.items())[-(_LIMIT - 1) :])
        content = orjson.dumps({**kept, self._key: asdict(habits)}, option=orjson.OPT_INDENT_2)
        try:
            replace_file(self._file, content)
        except OSError as error:
            return f"how the screen was left is forgotten: {error.strerror}"
        return ""

    def leave(self, desk: Desk, page: str) -> str:
        """Remember how a desk and its page are left; return why not, empty if they are."""
        return self.write(Habits.of(desk, page))

    def _all(self) -> dict[str, Any]:
        try:
            with self._file.open("rb") as file:
                content = orjson.loads(file.read(_BYTES))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def _told_path(path: Path) -> str:
    """Return a path from the root on, in letters that a file can hold.

    Names are bytes to the system; those that are no text are escaped.
    """
    return os.fsencode(os.path.realpath(path)).decode(errors="backslashreplace")


def _text(told: Any) -> str:  # noqa: ANN401 - whatever a file holds
    return clean(told[:_LETTERS]) if isinstance(told, str) else ""


def _one_of(known: Any, told: Any, usual: Any) -> Any:  # noqa: ANN401 - values of any one type
    """Return what is told, if it is one of those that are known."""
    return told if isinstance(told, (str, float, int)) and told in known else usual
