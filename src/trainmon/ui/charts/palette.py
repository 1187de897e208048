"""The colours that a chart is painted with, and what it becomes."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainmon.ui.charts.ink import Ink

Picture: TypeAlias = NDArray[np.uint8]
"""Height x width x red, green and blue, from 0 to 255."""

Color: TypeAlias = tuple[int, int, int]
"""Red, green and blue, from 0 to 255."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme."""

    inks: tuple[Color, ...]
    """That of each ink, by its value."""
    ground: Color
    """That of what lies beneath."""

    def of(self, ink: Ink) -> Color:
        """Return the colour of an ink."""
        return self.inks[ink]
