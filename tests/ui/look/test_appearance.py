"""How the screen looks: options above the file, the file above what the terminal says."""

from argparse import ArgumentParser
from collections.abc import Mapping

import pytest

from trainmon.errors import UnknownNameError, UsageError
from trainmon.ui.look.appearance import Appearance, add_appearance_options, appearance


def look(*options: str, file: Mapping[str, str] | None = None, **environment: str) -> Appearance:
    parser = ArgumentParser()
    add_appearance_options(parser)
    return appearance(parser.parse_args(options), file or {}, environment)


def test_the_terminal_says_how_it_looks_where_nobody_else_does() -> None:
    assert look(TERM="linux").glyphs == "blocks"
    assert look(COLORFGBG="0;15").theme == "light"
    assert look(COLORFGBG="15;default;0").theme == "dark"
    assert look().fps == 5


def test_the_file_stands_above_the_terminal_and_an_option_above_the_file() -> None:
    file = {"theme": "nord", "glyphs": "ascii", "fps": "2"}
    assert look(file=file, COLORFGBG="0;15") == Appearance("nord", "ascii", 2.0)
    told = look("--theme", "okabe", "--glyphs", "braille", "--fps", "10", file=file)
    assert told == Appearance("okabe", "braille", 10.0)


def test_pictures_are_there_for_those_who_ask_for_them_and_never_of_themselves() -> None:
    assert look(TERM="xterm-kitty", COLORTERM="truecolor").glyphs == "braille"
    assert look("--glyphs", "pixels").glyphs == "pixels"
    assert look(file={"glyphs": "pixels"}).glyphs == "pixels"


@pytest.mark.parametrize("fps", ["0", "-1", "many", "nan", "1e9"])
def test_a_senseless_number_of_frames_is_refused(fps: str) -> None:
    with pytest.raises(UsageError, match="no number of frames a second"):
        look("--fps", fps)


def test_names_that_are_not_there_are_told_with_those_that_are() -> None:
    with pytest.raises(UnknownNameError, match="glyphs 'dots'; there are: ascii, auto, blocks"):
        look("--glyphs", "dots")
    with pytest.raises(UnknownNameError, match="no theme 'pink'"):
        look(file={"theme": "pink"})
