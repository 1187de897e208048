from pathlib import Path

from trainmon.log_files import PROMPT_RANKS, RANKS_A_SECOND, LogFiles
from trainmon.tail.schedule import STEADY_LOOKS


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


def test_of_many_ranks_the_first_are_read_at_once_and_the_others_at_a_pace(tmp_path: Path) -> None:
    count = 10 * PROMPT_RANKS
    for rank in range(count):
        (tmp_path / f"rank{rank}.jsonl").write_text('{"trainmon": 1}\n{"step": 1, "loss": 1.0}\n')
    files, now = LogFiles([tmp_path], chunk=1024), 1e9
    for path in files.due(now):
        files.read(path, now)
    soon = files.due(now + 0.1)
    assert sorted(path.name for path in soon) == sorted(
        f"rank{rank}.jsonl" for rank in range(PROMPT_RANKS)
    )
    assert len(files.due(now + count / RANKS_A_SECOND + 0.1)) == count
    assert files.crowded == {tmp_path}


def test_how_a_file_was_read_is_told_anew_after_each_read(tmp_path: Path) -> None:
    path = tmp_path / "rank0.jsonl"
    path.write_text('{"trainmon": 1}\n{"step": 1, "loss": 1.0}\n')
    files = LogFiles([tmp_path], chunk=1024)
    assert files.due(now=1e9) == [path]
    assert files.views() == ()
    files.read(path, now=1e9)
    (view,) = files.views()
    with path.open("a") as file:
        file.write('{"step": 2, "loss": 1.0}\n')
    files.read(path, now=1e9)
    assert files.views()[0].bytes_read == view.bytes_read + 25


def test_a_folder_is_steady_while_each_of_its_files_grows_at_each_look(tmp_path: Path) -> None:
    fast, mixed = tmp_path / "fast", tmp_path / "mixed"
    paths = [
        fast / "rank0.jsonl",
        fast / "rank1.jsonl",
        mixed / "rank0.jsonl",
        mixed / "rank1.jsonl",
    ]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"trainmon": 1}\n')
    files = LogFiles([tmp_path], chunk=1024)
    for look in range(STEADY_LOOKS + 1):
        assert (files.steady == frozenset()) is (look < STEADY_LOOKS)
        files.due(now=1e9 + look)
        for path in paths:
            with path.open("a") as file:
                file.write('{"step": 1, "loss": 1.0}\n' if look == 0 or path != paths[3] else "")
            files.read(path, now=1e9 + look)
    assert files.steady == {fast}
