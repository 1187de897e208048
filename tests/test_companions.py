"""Configuration files beside a log."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainmon.companions import settings_beside
from trainmon.settings_file import SETTINGS_BYTES
from trainmon.source import Head, Part, Source


class _Source(Source):
    """A format with two companions."""

    id = "made-up"
    summary = "for these tests"
    order = 0

    @staticmethod
    def recognises(head: Head) -> bool:
        return bool(head.data)

    def read(self, data: bytes) -> Sequence[Part]:
        del data
        return ()

    def companions(self) -> Sequence[Path]:
        assert self.path is not None
        return [self.path.parent / "first.json", self.path.parent / "second.json"]


def _settings(folder: Path) -> dict[str, Any] | None:
    batch = settings_beside(_Source(folder / "log"))
    return None if batch is None else dict(batch.events[0].fields)


def test_what_lies_beside_a_log_is_told_as_one_event_that_says_where_from(tmp_path: Path) -> None:
    (tmp_path / "first.json").write_text('{"lr": 0.1, "epochs": 3}')
    (tmp_path / "second.json").write_text('{"lr": 0.2}')
    settings = _settings(tmp_path)
    assert settings is not None
    assert settings["config"] == {"lr": 0.2, "epochs": 3}
    assert settings["from"] == ["first.json", "second.json"]


def test_nothing_beside_a_log_tells_nothing(tmp_path: Path) -> None:
    assert _settings(tmp_path) is None


def test_what_is_no_file_or_no_settings_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "first.json")
    (tmp_path / "second.json").write_bytes(b"\x00\xff")
    assert _settings(tmp_path) is None


def test_an_endless_companion_is_read_up_to_a_bound(tmp_path: Path) -> None:
    (tmp_path / "first.json").write_text('{"lr": 0.1' + " " * 2 * SETTINGS_BYTES + "}")
    assert _settings(tmp_path) is None


def test_a_text_from_a_companion_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "first.json").write_text('{"name": "\\u001b[2J"}')
    settings = _settings(tmp_path)
    assert settings is not None
    assert settings["config"] == {"name": "\N{REPLACEMENT CHARACTER}[2J"}
