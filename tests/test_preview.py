"""The look at the whole of a large log before it is read."""

import os
from pathlib import Path

import pytest

from trainmon.preview import FROM_BYTES, preview
from trainmon.source import Head
from trainmon.sources import choose


def _large(path: Path, *, steps: int = 150_000) -> Path:
    path.write_text(
        "".join(f'{{"step": {i}, "loss": {steps - i}.5, "lr": 0.001}}\n' * 2 for i in range(steps))
    )
    assert path.stat().st_size > FROM_BYTES
    return path


def test_a_preview_spans_the_whole_log_and_its_steps_rise(tmp_path: Path) -> None:
    path = _large(tmp_path / "log.jsonl")
    kind = choose(Head(path.read_bytes()[:10_000]))
    assert kind is not None
    lane = preview(path, kind)
    assert lane is not None
    assert lane.steps[0] == 0
    assert lane.steps[-1] == 149_999
    gaps = lane.steps[1:] - lane.steps[:-1]
    assert 0 <= gaps.min() <= gaps.max() < 150_000 / 50
    assert lane.rewinds == ()


def test_of_several_runs_in_one_log_the_last_is_previewed(tmp_path: Path) -> None:
    path = _large(tmp_path / "log.jsonl", steps=100_000)
    path.write_bytes(path.read_bytes() * 2)
    kind = choose(Head(path.read_bytes()[:10_000]))
    assert kind is not None
    lane = preview(path, kind)
    assert lane is not None
    assert (lane.steps[1:] >= lane.steps[:-1]).all()
    assert lane.steps[-1] == 99_999


@pytest.mark.parametrize("size", [0, 100])
def test_a_small_log_has_no_preview(tmp_path: Path, size: int) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"loss": 1.0}\n' * size)
    kind = choose(Head(b'{"loss": 1.0}\n'))
    assert kind is not None
    assert preview(path, kind) is None


def test_a_log_that_is_gone_or_no_file_has_no_preview(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    kind = choose(Head(b'{"loss": 1.0}\n'))
    assert kind is not None
    assert preview(tmp_path / "gone", kind) is None
    assert preview(tmp_path / "pipe", kind) is None
