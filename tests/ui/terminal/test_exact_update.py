"""What is sent of a repaint: the dirty cells, wherever a widget begins."""

from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from trainmon.ui.terminal.exact_update import exact

Span = tuple[int, int, int]
"""A row, its first dirty column and the column after the last."""


def sent(*spans: Span) -> str:
    """Return what is sent of two widgets that stand side by side in one row."""
    chops = [{0: Strip([Segment("left")], 4), 4: Strip([Segment("right")], 5)}]
    update = exact(ChopsUpdate(chops, list(spans), [[4, 9]]))
    assert isinstance(update, ChopsUpdate)
    return update.render_segments(Console())


def test_of_a_widget_that_changed_at_its_end_only_the_end_is_sent() -> None:
    assert sent((0, 7, 9)) == "\x1b[1;8Hht"


def test_two_changes_in_a_row_are_sent_once_each() -> None:
    assert sent((0, 1, 2), (0, 3, 4)) == "\x1b[1;2He\x1b[1;4Ht"


def test_a_change_across_two_widgets_is_sent_from_both() -> None:
    assert sent((0, 2, 6)) == "\x1b[1;3Hft\x1b[1;5Hri"


def test_a_whole_row_is_sent_whole() -> None:
    assert sent((0, 0, 9)) == "\x1b[1;1Hleft\x1b[1;5Hright"


def test_what_is_no_partial_repaint_stays_as_it_is() -> None:
    assert exact(None) is None
    assert exact("text") == "text"
