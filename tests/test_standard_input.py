"""Logs that come through a pipe."""

import io
from pathlib import Path

import pytest

from trainmon.errors import UsageError
from trainmon.standard_input import DASH, as_piped, spooled
from trainmon.view import FileView, View


def test_a_dash_becomes_a_file_that_is_gone_afterwards() -> None:
    with spooled([DASH], io.BytesIO(b"a log")) as (path,):
        assert path.read_bytes() == b"a log"
    assert not path.exists()


def test_other_paths_stay_as_they_are() -> None:
    with spooled([Path("a"), Path("b")]) as paths:
        assert paths == [Path("a"), Path("b")]


def test_a_dash_that_is_given_twice_is_one_log() -> None:
    with spooled([DASH, Path("a"), DASH], io.BytesIO(b"")) as paths:
        assert len(paths) == 2


def test_a_terminal_is_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    with pytest.raises(UsageError, match=r"cat LOG \| trainmon check -"), spooled([DASH]):
        pass


def test_what_is_told_of_the_file_is_told_of_the_dash() -> None:
    view = View(0, 0.0, failures=("'/spool/log': no",), files=(FileView("/spool/log", "", 1, {}),))
    told = as_piped(view, [DASH], [Path("/spool/log")])
    assert (told.failures, told.files[0].path) == (("'-': no",), "-")
    assert as_piped(view, [Path("a")], [Path("a")]) is view


def test_a_closed_standard_input_is_a_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError, match="closed"), spooled([Path("-")]):
        pass
