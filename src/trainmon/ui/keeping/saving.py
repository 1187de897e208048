"""Files that a person saves from the screen: named after the run, never over another one."""

import re
from pathlib import Path

from trainmon.report.csv_file import write_csv
from trainmon.store.lane_view import LaneView

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

_NAME = 60
"""Characters of a name: some file systems bear no more than 255 bytes with all that is added."""


def free_path(folder: Path, run: str, what: str, suffix: str) -> Path:
    """Return a path in a folder that is not taken: ``trainmon-RUN-WHAT.svg``, then ``-2`` ...

    >>> free_path(Path("nowhere"), "my run/../x", "overview", ".svg").name
    'trainmon-my-run-..-x-overview.svg'
    """
    words = (_UNSAFE.sub("-", word).strip("-")[:_NAME] for word in ("trainmon", run, what))
    stem = "-".join(filter(None, words))
    path, number = folder / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    return path


def save_picture(svg: str, folder: Path, run: str, page: str) -> str:
    """Write a picture of the screen and return what is to be told of it."""
    path = free_path(folder, run, page, ".svg")
    path.write_text(svg, encoding="utf-8")
    return f"saved {path.name}"


def save_series(lane: LaneView, folder: Path, run: str) -> str:
    """Write the series of a run and return what is to be told of it."""
    path = free_path(folder, run, "", ".csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        count = write_csv(lane, file)
    return f"saved {count:,} records as {path.name}"
