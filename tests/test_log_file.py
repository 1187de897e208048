"""One file through the source that its content chose."""

from pathlib import Path

import numpy as np
import pytest

from trainmon.log_file import DOCUMENT_LIMIT, LogFile, Reading
from trainmon.recognition import LOOKED_AT
from trainmon.source import HEAD_BYTES

CHUNK = 1 << 16


def _file(path: Path) -> LogFile:
    return LogFile(path)


def _steps(reading: Reading | None) -> list[float]:
    return [] if reading is None else [s for part in reading.parts for s in part.batch.steps]


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1, "loss": 1.0}\n{"step": 2, ')
    file = _file(path)
    assert _steps(file.read(CHUNK)) == [1]
    with path.open("a") as log:
        log.write('"loss": 1.0}\n')
    assert _steps(file.read(CHUNK)) == [2]


def test_half_a_line_at_the_end_of_a_log_is_read_if_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1, "loss": 1.0}\n{"step": 2, "loss": 1.0}')
    assert _steps(_file(path).read(CHUNK, ended=True)) == [1, 2]


def test_a_log_of_one_line_without_a_newline_is_read_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1, "loss": 1.0}')
    assert _steps(_file(path).read(CHUNK, ended=True)) == [1]


def test_a_line_of_over_a_mebibyte_is_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(
        '{"step": 1, "loss": 1.0}\n' + "x" * (1 << 20) + 'x\n{"step": 2, "loss": 1.0}\n'
    )
    file = _file(path)
    assert _steps(file.read(1 << 22)) == [1, 2]
    assert file.skipped == {"lines of over 1 MiB": 1}


def test_a_file_in_no_known_format_is_looked_at_again_when_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("loading ...\n")
    file = _file(path)
    file.read(CHUNK)
    assert file.unrecognised
    assert file.read(CHUNK) is None
    with path.open("a") as log:
        log.writelines(f'{{"step": {step}, "loss": 1.0}}\n' for step in (1, 2, 3))
    assert _steps(file.read(CHUNK)) == [1, 2, 3]
    assert file.skipped == {"lines that are no JSON object": 1}


def test_a_binary_file_is_given_up_at_its_first_read(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(np.random.default_rng(0).bytes(10 * HEAD_BYTES))
    file = _file(path)
    reading = file.read(CHUNK)
    assert reading is not None
    assert not reading.more
    assert file.foreign
    assert file.bytes_read == LOOKED_AT


def test_a_long_text_that_is_no_log_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("It was a dark and stormy night.\n" * (HEAD_BYTES // 16))
    file = _file(path)
    while (reading := file.read(CHUNK)) is not None and reading.more:
        pass
    assert file.foreign
    assert file.bytes_read <= HEAD_BYTES + CHUNK


def test_an_empty_file_waits_and_is_told_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.touch()
    file = _file(path)
    assert file.read(CHUNK) is None
    file.read(CHUNK, ended=True)
    assert file.failure == "it is empty"


def test_a_file_that_is_replaced_by_one_of_another_format_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    path.write_text('{"step": 1, "loss": 1.0}\n{"step": 2, "loss": 1.0}\n')
    file = _file(path)
    file.read(CHUNK)
    other = tmp_path / "new"
    other.write_text('{"trainmon": 1}\n{"step": 7, "loss": 1.0}\n')
    other.replace(path)
    reading = file.read(CHUNK)
    assert reading is not None
    assert reading.fresh
    assert file.format == "trainmon"
    assert _steps(reading)[1:] == [7]


def test_no_more_than_the_beginning_is_read_of_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + np.random.default_rng(0).bytes(HEAD_BYTES))
    file = _file(path)
    file.read(HEAD_BYTES)
    assert file.foreign
    assert file.bytes_read == LOOKED_AT


def test_zero_bytes_that_a_crash_left_at_the_beginning_hide_no_log(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\x00" * 3 * HEAD_BYTES + b'{"step": 1, "loss": 1.0}\n')
    assert _steps(_file(path).read(4 * HEAD_BYTES)) == [1]


def test_a_file_of_zero_bytes_says_so_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\x00" * HEAD_BYTES)
    file = _file(path)
    file.read(2 * HEAD_BYTES, ended=True)
    assert file.failure == "it holds zero bytes alone"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("chunk", [1, 7, CHUNK])
def test_a_log_in_utf_16_is_read_and_told_of(chunk: int, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    text = "\ufeff" + "".join(f'{{"step": {step}, "loss": 1.0}}\r\n' for step in range(5))
    path.write_bytes(text.encode(encoding))
    file, steps = _file(path), list[float]()
    while (reading := file.read(chunk)) is not None:
        steps += _steps(reading)
    assert steps == [0, 1, 2, 3, 4]
    assert file.format == "jsonl"
    assert "UTF-16" in file.remarks[0]


def test_a_growing_file_in_no_known_format_is_not_looked_at_for_each_line(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("loading ...\n" * 1_000)
    file = _file(path)
    looks = 0
    for _ in range(100):
        looks += file.read(CHUNK) is not None
        with path.open("a") as log:
            log.write("loading ...\n")
    assert looks <= 100 / 10


def test_a_document_that_is_too_large_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    path.write_text(
        '{"log_history": [{"step": 1, "loss": 1.0}], "best_metric": null, "max_steps": 9}'
    )
    with path.open("r+b") as file:
        file.truncate(DOCUMENT_LIMIT + 1)
    reading = _file(path).read(HEAD_BYTES)
    assert reading is not None
    assert any("over" in notice for notice in reading.notices)
