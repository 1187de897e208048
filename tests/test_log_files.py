from pathlib import Path

from trainmon.log_files import LogFiles


def test_a_clock_that_is_set_back_does_not_pause_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1, "loss": 1.0}\n')
    files = LogFiles([path], chunk=1024)
    assert files.due(now=1e9) == [path]
    files.read(path, now=1e9)
    assert files.due(now=1e9) == []
    assert files.due(now=1e9 - 3600) == [path]


def test_a_file_that_failed_is_not_due_again_when_the_clock_is_set_back(tmp_path: Path) -> None:
    path = tmp_path / "image.jsonl"
    path.write_bytes(b"\x89PNG\n" * 100)
    files = LogFiles([path], chunk=1024)
    files.due(now=1e9)
    file, _ = files.read(path, now=1e9, ended=True)
    assert file.failure
    assert files.due(now=1e9 - 3600) == []
