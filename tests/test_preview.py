"""The look at the whole of a large log before it is read."""

import os
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from trainmon.preview import FROM_BYTES, preview
from trainmon.source import Head
from trainmon.sources import choose
from trainmon.sources.tensorboard import TensorBoardSource
from trainmon.wire.crc32c import crc32c_of_spans, masked


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


def test_an_event_file_is_previewed_from_its_whole_records(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1.host"
    events = [b"\x09" + bytes(8) + b"\x1a\x0dbrain.Event:2", *map(_event, range(1, 200_000))]
    path.write_bytes(_framed(events))
    lane = preview(path, TensorBoardSource)
    assert lane is not None
    assert (lane.steps[0], lane.steps[-1]) == (1, 199_999)
    samples = lane.series["train/loss"]
    assert (samples.values == lane.steps[:][samples.rows]).all()
    assert lane.rewinds == ()


def _event(step: int) -> bytes:
    """Return a scalar whose value is its step; the step takes three bytes of a varint."""
    counter = bytes((step & 127 | 128, step >> 7 & 127 | 128, step >> 14))
    value = b"\x0a\x0atrain/loss\x15" + struct.pack("<f", step)
    summary = b"\x0a" + bytes((len(value),)) + value
    body = b"\x10" + counter + b"\x2a" + bytes((len(summary),)) + summary
    return b"\x09" + struct.pack("<d", 1.7e9) + body


def _framed(events: Sequence[bytes]) -> bytes:
    """Return events as TFRecords."""
    lengths = b"".join(struct.pack("<Q", len(event)) for event in events)
    ends = np.cumsum([len(event) for event in events])
    starts = np.concatenate(([0], ends[:-1]))
    at = np.arange(len(events)) * 8
    heads = masked(crc32c_of_spans(lengths, at, at + 8).astype(np.uint64)).tolist()
    tails = masked(crc32c_of_spans(b"".join(events), starts, ends).astype(np.uint64)).tolist()
    return b"".join(
        struct.pack("<QI", len(event), head) + event + struct.pack("<I", tail)
        for event, head, tail in zip(events, heads, tails, strict=True)
    )
