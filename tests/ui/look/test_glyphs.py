"""Terminals that lack glyphs: everything is shown all the same, in what they have."""

import re
from pathlib import Path

import pytest

import trainmon
from tests.ui.opened import opened
from tests.ui.scenes import MACHINE, overfitting, run_of, scene_of, view_of
from trainmon.ui.look.glyphs import Glyphs, text_with_glyphs, usual_glyphs
from trainmon.ui.panels.loss import draw_loss
from trainmon.ui.still import still

VIEW = view_of(run_of(overfitting()), machine=MACHINE)
SOURCES = Path(trainmon.__file__).parent


def _pattern(*dots: int) -> str:
    """Return the braille pattern with these dots, counted from 1 as braille counts them."""
    return chr(0x2800 + sum(1 << (dot - 1) for dot in dots))


@pytest.mark.parametrize(
    ("dots", "block", "letter"),
    [
        ((), " ", " "),
        ((1,), "▀", "'"),
        ((5, 2), "▀", "'"),
        ((3,), "▄", "."),
        ((7, 8), "▄", "."),
        ((4, 8), "█", ":"),
        ((1, 2, 3, 4, 5, 6, 7, 8), "█", "#"),
    ],
)
def test_a_dot_stands_in_the_half_of_its_cell(
    dots: tuple[int, ...], block: str, letter: str
) -> None:
    assert text_with_glyphs(_pattern(*dots), Glyphs.BLOCKS) == block
    assert text_with_glyphs(_pattern(*dots), Glyphs.ASCII) == letter


def test_in_ascii_a_chart_is_ascii_and_no_dot_of_its_curve_is_lost() -> None:
    drawn = draw_loss(scene_of(VIEW), 16, 72).text()
    shown = text_with_glyphs(drawn, Glyphs.ASCII)
    assert shown.isascii()
    assert "?" not in shown
    lines = zip(drawn.splitlines(), shown.splitlines(), strict=True)
    assert [[c == " " for c in one] for one, _ in lines] == [
        [c == " " for c in line] for line in shown.splitlines()
    ]


def test_with_blocks_there_is_no_braille_and_all_else_stays() -> None:
    drawn = draw_loss(scene_of(VIEW), 16, 72).text()
    shown = text_with_glyphs(drawn, Glyphs.BLOCKS)
    assert not re.search("[\u2800-\u28ff]", shown)
    assert shown.splitlines()[0] == drawn.splitlines()[0]


def test_a_wide_character_leaves_all_behind_it_in_place() -> None:
    assert text_with_glyphs("中|", Glyphs.ASCII) == "??|"


def test_every_glyph_that_we_write_has_a_stand_in() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (SOURCES / "ui").rglob("*.py")]
    written = set(re.findall(r"[^\x00-\x7f]", "".join(sources))) - set("中é")
    assert len(written) > 40
    for glyph in written:
        assert text_with_glyphs(glyph, Glyphs.ASCII) != "?", glyph


def test_a_whole_frame_in_ascii_is_ascii() -> None:
    assert still(VIEW, VIEW.now, glyphs=Glyphs.ASCII).text.isascii()


def test_a_frame_for_no_terminal_has_no_pictures_and_is_braille() -> None:
    asked, usual = (
        still(VIEW, VIEW.now, glyphs=each).text for each in (Glyphs.PIXELS, Glyphs.BRAILLE)
    )
    assert asked == usual


async def test_all_that_lies_over_the_screen_is_ascii_too() -> None:
    async with opened(VIEW, glyphs=Glyphs.ASCII) as screen:
        assert screen.text.isascii()
        for key in ("n", "question_mark", "slash"):
            assert (await screen.press(key)).isascii(), key
            await screen.press("escape")


@pytest.mark.parametrize(
    ("term", "encoding", "glyphs"),
    [
        ("xterm-256color", "UTF-8", Glyphs.BRAILLE),
        ("tmux-256color", "utf8", Glyphs.BRAILLE),
        ("linux", "UTF-8", Glyphs.BLOCKS),
        ("xterm", "ANSI_X3.4-1968", Glyphs.ASCII),
        ("xterm", "latin-1", Glyphs.ASCII),
    ],
)
def test_what_a_terminal_can_show_is_told_by_its_name_and_its_encoding(
    term: str, encoding: str, glyphs: Glyphs
) -> None:
    assert usual_glyphs({"TERM": term}, encoding) == glyphs
