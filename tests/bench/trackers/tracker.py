"""What the benchmark needs to know of a tracker: how to log with it, and how to read it back."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

Log = Callable[[Mapping[str, float], int], object]
"""Logs the metrics of a step as the tracker's manual says."""


class Tracker(Protocol):
    """A library that keeps the metrics of a training in a folder."""

    @property
    def name(self) -> str:
        """What the table calls it."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The modules that must be installed."""

    def environment(self, folder: Path) -> Mapping[str, str]:
        """Return variables that keep it in `folder` and off the network."""

    def start(self, folder: Path) -> Log:
        """Begin a run in this process, with the settings that the library comes with."""

    def kept(self, folder: Path) -> set[int]:
        """Return the steps whose metrics are all in `folder`, after the process died."""
