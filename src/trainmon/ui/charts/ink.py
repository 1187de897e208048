"""The inks: what a cell of the screen means, which a theme turns into a colour."""

from enum import IntEnum


class Ink(IntEnum):
    """The meaning of a cell; the value is its index in a theme's palette.

    Train and validation keep their inks everywhere. Error, warning and info are never used for
    anything else, and never alone: a glyph stands beside them.
    """

    TEXT = 0
    STRONG = 1
    """Current values and whatever the eye should find first."""
    DIM = 2
    """Labels, units, axis ticks."""
    FAINT = 3
    """Grid lines, the tracks of gauges, numbers that went stale."""
    BORDER = 4
    FOCUS = 5
    """The border of the panel that has the keys."""
    TITLE = 6
    TRAIN = 7
    TRAIN_RAW = 8
    """The raw band under the smoothed train line."""
    VAL = 9
    VAL_RAW = 10
    SIGNAL = 11
    """Learning rate, gradient norm, data wait, gauges: one hue for all."""
    SIGNAL_RAW = 12
    LIMIT = 13
    """A threshold drawn across a chart, such as the clip."""
    ERROR = 14
    WARNING = 15
    INFO = 16
    GOOD = 17
    KEY = 18
    """A key that can be pressed."""
    SELECTED = 19
    """The row under the cursor."""
    OTHER_1 = 20
    """Overlaid runs, in the order in which they were chosen."""
    OTHER_2 = 21
    OTHER_3 = 22
    OTHER_4 = 23
