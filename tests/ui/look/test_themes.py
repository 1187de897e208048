"""What every theme promises, tested over the themes that are there."""

import math
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from trainmon.errors import ThemeError, UnknownNameError
from trainmon.ui.charts.ink import Ink
from trainmon.ui.look.themes import ink_styles, load_theme, theme_folder, theme_names

READABLE = 4.5
"""Contrast of text, by WCAG 2.2 AA (1.4.3)."""

VISIBLE = 3.0
"""Contrast of large text and of graphics, by WCAG 2.2 AA (1.4.3, 1.4.11)."""

ON_SHEETS = (
    *(Ink.TEXT, Ink.STRONG, Ink.TITLE, Ink.KEY),
    *(Ink.ERROR, Ink.WARNING, Ink.INFO, Ink.SIGNAL),
)
"""What is written on cards and lists, which lie over the panels on a ground of their own."""

ON_PANELS = (*ON_SHEETS, Ink.GOOD, Ink.TRAIN, Ink.VAL)

LINES = [Ink.DIM, Ink.LIMIT, Ink.FOCUS, Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4]

APART = 60.0
"""Distance of two colours in RGB from which on they are not taken for one another."""

each_theme = pytest.mark.parametrize(
    "theme", [load_theme(name) for name in theme_names()], ids=theme_names()
)


def style_of(theme: Theme, ink: Ink) -> Style:
    return Style.parse(ink_styles(theme)[ink])


def color_of(theme: Theme, ink: Ink) -> Color:
    found = style_of(theme, ink).color
    assert found is not None
    return Color.from_rich_color(found)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of two colours, by WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4)
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def distance(one: Color, other: Color) -> float:
    return math.dist(one.rgb, other.rgb)


def seen_without_green(color: Color) -> Color:
    """Return a colour as people without green cones see it (Viénot, Brettel and Mollon 1999)."""
    red, green, blue = color.rgb
    mixed = round(0.29 * red + 0.71 * green)
    return Color(mixed, mixed, min(255, max(0, round(blue - 0.02 * red + 0.02 * green))))


@each_theme
def test_every_text_can_be_read_on_every_ground_it_stands_on(theme: Theme) -> None:
    for ground, inks in ((theme.background, ON_PANELS), (theme.surface, ON_SHEETS)):
        assert ground is not None
        for ink in inks:
            assert contrast(color_of(theme, ink), Color.parse(ground)) >= READABLE, ink.name


@each_theme
def test_what_is_secondary_can_still_be_seen(theme: Theme) -> None:
    assert theme.background is not None
    for ink in LINES:
        assert contrast(color_of(theme, ink), Color.parse(theme.background)) >= VISIBLE, ink.name


@each_theme
def test_the_row_under_the_cursor_can_be_read(theme: Theme) -> None:
    selected = style_of(theme, Ink.SELECTED)
    assert selected.bgcolor is not None
    ground = Color.from_rich_color(selected.bgcolor)
    assert contrast(color_of(theme, Ink.SELECTED), ground) >= READABLE


@each_theme
def test_lines_that_share_a_chart_differ_for_all_eyes(theme: Theme) -> None:
    shared = [Ink.TRAIN, Ink.VAL, Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4]
    for place, one in enumerate(shared):
        for other in shared[place + 1 :]:
            pair = color_of(theme, one), color_of(theme, other)
            assert distance(*pair) >= APART, (one.name, other.name)


@each_theme
def test_train_and_validation_differ_without_green_and_in_grey(theme: Theme) -> None:
    train, val = color_of(theme, Ink.TRAIN), color_of(theme, Ink.VAL)
    assert distance(seen_without_green(train), seen_without_green(val)) >= APART


@each_theme
def test_a_raw_band_stands_back_behind_its_line(theme: Theme) -> None:
    assert theme.background is not None
    ground = Color.parse(theme.background)
    for line, raw in ((Ink.TRAIN, Ink.TRAIN_RAW), (Ink.VAL, Ink.VAL_RAW)):
        assert contrast(color_of(theme, raw), ground) < contrast(color_of(theme, line), ground)


@each_theme
def test_nothing_blinks(theme: Theme) -> None:
    assert not any(Style.parse(style).blink for style in ink_styles(theme))


def test_the_default_theme_comes_first() -> None:
    assert theme_names()[0] == "dark"


def test_a_theme_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnknownNameError, match="no theme 'nosuch'; there are: contrast, dark"):
        load_theme("nosuch")


DARK = (theme_folder() / "dark.toml").read_text()


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", "lacks inks: text, strong"),
        ("[inks", "cannot be read"),
        (DARK.replace("other_4", "other_9"), "lacks inks: other_4"),
        (DARK.replace('"bold #ff6b5e"', '"bold no-such-colour"'), "no-such-colour"),
        (DARK.replace('primary = "#5fa8f5"', 'primary = "bluish"'), "bluish"),
        (DARK.replace('primary = "#5fa8f5"', "primary = 5"), "theme 'mine'"),
        (DARK.replace("primary =", "prime ="), "prime"),
    ],
    ids=["empty", "no TOML", "an ink", "a style", "a colour", "a type", "a name"],
)
def test_a_broken_theme_is_told_in_a_line(text: str, trouble: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ThemeError, match=trouble) as told:
        load_theme("mine", [tmp_path])
    assert "\n" not in str(told.value)


def test_a_theme_that_is_no_text_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ThemeError, match="cannot be read"):
        load_theme("mine", [tmp_path])


def test_a_theme_of_ones_own_is_found_and_takes_the_place_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own = tmp_path / "trainmon" / "themes"
    own.mkdir(parents=True)
    (own / "mine.toml").write_text(DARK)
    (own / "light.toml").write_text(DARK)
    assert "mine" in theme_names()
    assert load_theme("mine").dark
    assert load_theme("light").dark


def test_there_is_a_theme_for_every_need() -> None:
    assert {"dark", "light", "contrast", "okabe"} < set(theme_names())
