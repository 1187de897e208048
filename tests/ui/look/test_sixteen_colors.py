"""What is told apart where a terminal has sixteen colours."""

import pytest
from rich.style import Style

from trainmon.ui.charts.ink import Ink
from trainmon.ui.look.sixteen_colors import sixteen_colors

each_ground = pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])


def styles(*, dark: bool) -> dict[Ink, Style]:
    return dict(zip(Ink, map(Style.parse, sixteen_colors(dark=dark)), strict=True))


@each_ground
def test_every_ink_has_one_of_sixteen_colours_and_can_be_seen_on_its_ground(
    dark: bool,  # noqa: FBT001 - a case
) -> None:
    for style in styles(dark=dark).values():
        assert style.color
        assert style.bgcolor
        assert style.color.number in range(16)
        assert style.color != style.bgcolor


@each_ground
@pytest.mark.parametrize(
    "inks",
    [
        (Ink.ERROR, Ink.WARNING, Ink.INFO, Ink.GOOD),
        (Ink.TRAIN, Ink.VAL, Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4),
        (Ink.TRAIN, Ink.TRAIN_RAW),
        (Ink.VAL, Ink.VAL_RAW),
        (Ink.SIGNAL, Ink.SIGNAL_RAW, Ink.LIMIT),
        (Ink.BORDER, Ink.FOCUS),
        (Ink.TEXT, Ink.SELECTED),
    ],
    ids=lambda inks: " ".join(ink.name.lower() for ink in inks),
)
def test_what_stands_side_by_side_differs(
    inks: tuple[Ink, ...],
    dark: bool,  # noqa: FBT001 - a case
) -> None:
    table = styles(dark=dark)
    assert len({table[ink].color for ink in inks}) == len(inks)
