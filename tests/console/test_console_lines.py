import pytest

from trainmon.console.lines import TEXT_LIMIT, Lines, plain
from trainmon.record import LINE_LIMIT


def test_carriage_returns_end_lines_as_newlines_do() -> None:
    lines = Lines()
    assert list(lines.take(b"a\r b\r\nc\nhalf")) == ["a", " b", "", "c", ""]
    assert list(lines.take(b" more\r")) == ["half more", ""]


def test_a_last_line_is_taken_at_the_end() -> None:
    lines = Lines()
    assert list(lines.take(b"half")) == [""]
    assert list(lines.finish()) == ["half"]
    assert list(lines.finish()) == [""]


def test_a_line_without_end_is_left_out_and_counted() -> None:
    lines = Lines()
    for _ in range(5):
        list(lines.take(b"x" * LINE_LIMIT))
    assert list(lines.take(b"\nloss 1\n")) == ["loss 1", ""]
    assert lines.too_long == 1


def test_a_line_too_long_for_a_record_is_counted() -> None:
    lines = Lines()
    assert list(lines.take(b"1" * (TEXT_LIMIT + 1) + b"\n")) == [""]
    assert lines.too_long == 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("\x1b[31mloss\x1b[0m  0.5", "loss 0.5"),
        ("\x1b[2Kloss\x00 0.5\x08", "loss 0.5"),
        (" 12%|█▏   | 1/8 [00:01<00:07]", "12% 1/8 [00:01<00:07]"),
        ("3/10 [==>.......] - loss: 1", "3/10 - loss: 1"),
        ("3/10 ━━━╸ 1s", "3/10 1s"),
        ("[0][ 10/20]\tTime", "[0][ 10/20] Time"),
    ],
)
def test_colours_and_bars_are_taken_off(line: str, text: str) -> None:
    assert plain(line) == text
