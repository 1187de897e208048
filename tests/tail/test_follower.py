"""A follower gives each byte once, whatever the writer does with the file."""

import gzip
import os
from errno import ESTALE
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainmon.tail import Chunk, Follower, OpenFiles, open_regular
from trainmon.tail.chunk import DELETED, REPLACED, REWRITTEN

PLENTY = 1 << 19


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "rank0.jsonl"


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def read_all(follower: Follower, limit: int = PLENTY) -> list[Chunk]:
    """Read until nothing more is waiting."""
    chunks: list[Chunk] = []
    while (chunk := follower.read(limit)) is not None:
        chunks.append(chunk)
        if not chunk.more:
            break
    return chunks


def bytes_of(chunks: list[Chunk]) -> bytes:
    return b"".join(chunk.data for chunk in chunks)


class TestGrowth:
    def test_the_first_lines_are_fresh_and_later_ones_are_not(self, log: Path) -> None:
        follower = Follower(log)
        append(log, b"one\n")
        assert follower.read(PLENTY) == Chunk(b"one\n", fresh=True)
        append(log, b"two\n")
        assert follower.read(PLENTY) == Chunk(b"two\n")

    def test_an_unchanged_file_gives_nothing(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        assert follower.read(PLENTY) is None

    def test_a_file_that_appears_later_is_read_from_its_beginning(self, log: Path) -> None:
        follower = Follower(log)
        assert follower.read(PLENTY) is None
        append(log, b"one\n")
        assert follower.read(PLENTY) == Chunk(b"one\n", fresh=True)

    def test_a_partial_last_line_comes_as_it_was_written(self, log: Path) -> None:
        append(log, b"one\ntw")
        follower = Follower(log)
        assert bytes_of(read_all(follower)) == b"one\ntw"
        append(log, b"o\n")
        assert follower.read(PLENTY) == Chunk(b"o\n")

    def test_the_limit_bounds_a_read_and_tells_that_more_is_waiting(self, log: Path) -> None:
        append(log, b"12345\n" * 4)
        follower = Follower(log)
        chunks = read_all(follower, limit=8)
        assert [len(chunk.data) for chunk in chunks] == [8, 8, 8]
        assert [chunk.more for chunk in chunks] == [True, True, False]

    def test_a_limit_below_one_byte_is_an_error(self, log: Path) -> None:
        with pytest.raises(ValueError, match="at least one byte"):
            Follower(log).read(0)

    @given(
        pieces=st.lists(st.binary(max_size=30), max_size=12),
        limit=st.integers(1, 40),
    )
    def test_any_sequence_of_appends_gives_exactly_these_bytes(
        self, tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], limit: int
    ) -> None:
        log = tmp_path_factory.mktemp("run") / "log"
        follower = Follower(log)
        got = b""
        for piece in (b"text: ", *pieces):
            append(log, piece)
            got += bytes_of(read_all(follower, limit))
        assert got == b"text: " + b"".join(pieces)
        follower.release()


class TestStartingOver:
    def test_a_truncated_file_starts_over(self, log: Path) -> None:
        append(log, b"first run\nsecond line\n")
        follower = Follower(log)
        read_all(follower)
        log.write_bytes(b"new run\n")
        assert follower.read(PLENTY) == Chunk(b"new run\n", fresh=True, notices=(REWRITTEN,))

    def test_a_file_emptied_and_grown_past_the_place_starts_over(self, log: Path) -> None:
        append(log, b"run 1\n")
        follower = Follower(log)
        read_all(follower)
        log.write_bytes(b"run 2\n" * 100)
        assert follower.read(PLENTY) == Chunk(b"run 2\n" * 100, fresh=True, notices=(REWRITTEN,))

    def test_a_rewritten_file_of_the_same_size_and_head_starts_over(self, log: Path) -> None:
        header = b"h" * 100 + b"\n"
        append(log, header + b"0.5\n")
        os.utime(log, ns=(0, 0))
        follower = Follower(log)
        read_all(follower)
        log.write_bytes(header + b"0.7\n")
        chunk = follower.read(PLENTY)
        assert chunk == Chunk(header + b"0.7\n", fresh=True, notices=(REWRITTEN,))

    def test_a_touched_file_does_not_start_over(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        os.utime(log, ns=(1, 1))
        assert follower.read(PLENTY) is None

    def test_an_emptied_file_keeps_what_was_read_until_it_grows(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        log.write_bytes(b"")
        assert follower.read(PLENTY) == Chunk(b"", notices=(REWRITTEN,))
        assert follower.read(PLENTY) is None
        append(log, b"two\n")
        assert follower.read(PLENTY) == Chunk(b"two\n", fresh=True)

    def test_a_file_moved_elsewhere_is_read_to_its_end_before_the_new_one(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        append(log, b"two\nthree")
        log.rename(log.with_suffix(".1"))
        append(log, b"other\n")
        assert read_all(follower) == [
            Chunk(b"two\nthree", more=True),
            Chunk(b"other\n", fresh=True, notices=(REPLACED,)),
        ]

    def test_a_file_renamed_over_the_log_starts_over(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        newer = log.with_suffix(".new")
        append(newer, b"one\ntwo\n")
        newer.replace(log)
        assert read_all(follower) == [Chunk(b"one\ntwo\n", fresh=True, notices=(REPLACED,))]

    def test_a_link_that_points_elsewhere_starts_over(self, log: Path, tmp_path: Path) -> None:
        append(log, b"one\n")
        append(tmp_path / "next", b"other\n")
        latest = tmp_path / "latest"
        latest.symlink_to(log)
        follower = Follower(latest)
        read_all(follower)
        latest.unlink()
        latest.symlink_to("next")
        assert read_all(follower) == [Chunk(b"other\n", fresh=True, notices=(REPLACED,))]

    def test_a_file_replaced_while_it_was_not_open_starts_over(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        follower.release()
        log.rename(log.with_suffix(".1"))
        append(log, b"other\n")
        assert read_all(follower) == [Chunk(b"other\n", fresh=True, notices=(REPLACED,))]


class TestDeletion:
    def test_a_deleted_file_gives_its_rest_and_is_told_once(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        append(log, b"two\n")
        log.unlink()
        assert read_all(follower) == [Chunk(b"two\n", more=True), Chunk(b"", notices=(DELETED,))]
        assert follower.read(PLENTY) is None

    def test_a_recreated_file_starts_over_even_with_the_same_content(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        log.unlink()
        read_all(follower)
        append(log, b"one\n")
        assert follower.read(PLENTY) == Chunk(b"one\n", fresh=True)

    def test_a_folder_deleted_and_made_again_goes_on_with_the_new_file(
        self, tmp_path: Path
    ) -> None:
        log = tmp_path / "run" / "rank0.jsonl"
        log.parent.mkdir()
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        log.unlink()
        log.parent.rmdir()
        log.parent.write_bytes(b"a file where the folder was")
        assert follower.read(PLENTY) == Chunk(b"", notices=(DELETED,))
        log.parent.unlink()
        log.parent.mkdir()
        append(log, b"two\n")
        assert follower.read(PLENTY) == Chunk(b"two\n", fresh=True)


class TestTrouble:
    def test_lost_permission_is_told_once_and_reading_goes_on_when_it_is_back(
        self, log: Path
    ) -> None:
        allowed = True

        def opener(path: Path) -> int:
            if not allowed:
                raise PermissionError(13, "Permission denied", str(path))
            return open_regular(path)

        append(log, b"one\n")
        follower = Follower(log, opener=opener)
        read_all(follower)
        follower.release()
        append(log, b"two\n")
        allowed = False
        told = Chunk(b"", notices=("the file cannot be read: Permission denied",))
        assert [follower.read(PLENTY), follower.read(PLENTY)] == [told, None]
        allowed = True
        assert follower.read(PLENTY) == Chunk(b"two\n")

    def test_a_trouble_that_comes_back_is_told_again(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        follower = Follower(log)
        for content in (b"one\n", b"two\n"):
            log.symlink_to(log)
            chunk = follower.read(PLENTY)
            assert chunk is not None
            assert "symbolic links" in chunk.notices[0]
            log.unlink()
            append(log, content)
            assert bytes_of(read_all(follower)) == content
            log.unlink()
            read_all(follower)

    def test_a_fifo_is_refused_without_hanging(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        follower = Follower(pipe)
        chunk = follower.read(PLENTY)
        assert chunk is not None
        assert chunk.notices[0].endswith("is a FIFO")
        assert follower.read(PLENTY) is None

    @pytest.mark.parametrize("path", [Path("/dev/zero"), Path("/")])
    def test_devices_and_folders_are_refused(self, path: Path) -> None:
        chunk = Follower(path).read(PLENTY)
        assert chunk is not None
        assert chunk.data == b""
        assert chunk.notices

    def test_a_log_replaced_by_a_folder_keeps_what_was_read(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        log.unlink()
        log.mkdir()
        chunk = follower.read(PLENTY)
        assert chunk is not None
        assert chunk.notices[0] == REPLACED
        assert chunk.notices[1].endswith("is a folder")

    def test_a_file_deleted_between_the_look_and_the_opening_is_no_trouble(self, log: Path) -> None:
        def opener(path: Path) -> int:
            path.unlink()
            return open_regular(path)

        append(log, b"one\n")
        follower = Follower(log, opener=opener)
        assert [follower.read(PLENTY), follower.read(PLENTY)] == [None, None]

    def test_a_file_that_shrinks_between_the_look_and_the_read_gives_what_is_left(
        self, log: Path
    ) -> None:
        def opener(path: Path) -> int:
            os.truncate(path, 4)
            return open_regular(path)

        append(log, b"one\ntwo\n")
        assert Follower(log, opener=opener).read(PLENTY) == Chunk(b"one\n", fresh=True)


class TestNetworkFileSystems:
    def test_a_stale_handle_is_opened_again_without_a_word(self, log: Path) -> None:
        stale = False

        def pread(descriptor: int, size: int, offset: int) -> bytes:
            nonlocal stale
            if stale:
                stale = False
                raise OSError(ESTALE, "Stale file handle")
            return os.pread(descriptor, size, offset)

        append(log, b"one\n")
        follower = Follower(log, pread=pread)
        read_all(follower)
        append(log, b"two\n")
        stale = True
        assert read_all(follower) == [Chunk(b"two\n")]

    def test_a_handle_that_stays_stale_is_told_once_and_tried_again(self, log: Path) -> None:
        stale = True

        def pread(descriptor: int, size: int, offset: int) -> bytes:
            if stale:
                raise OSError(ESTALE, "Stale file handle")
            return os.pread(descriptor, size, offset)

        append(log, b"one\n")
        follower = Follower(log, pread=pread)
        told = Chunk(b"", notices=("the file cannot be read: Stale file handle",))
        assert [follower.read(PLENTY), follower.read(PLENTY)] == [told, None]
        stale = False
        assert read_all(follower) == [Chunk(b"one\n", fresh=True)]

    @pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
    def test_short_reads_lose_nothing(self, log: Path, packed: bool) -> None:  # noqa: FBT001 - a parameter
        content = b"".join(b"line %d\n" % number for number in range(100))
        append(log, gzip.compress(content) if packed else content)
        follower = Follower(log, pread=lambda fd, size, at: os.pread(fd, min(size, 7), at))
        assert bytes_of(read_all(follower)) == content

    def test_a_file_that_shrinks_while_it_is_read_gives_nothing_of_two_contents(
        self, log: Path
    ) -> None:
        rewrites: list[bytes] = []

        def pread(descriptor: int, size: int, offset: int) -> bytes:
            if rewrites:
                log.write_bytes(rewrites.pop())
            return os.pread(descriptor, size, offset)

        append(log, b"first run, line one\n")
        follower = Follower(log, pread=pread)
        read_all(follower)
        append(log, b"first run, line two\n")
        rewrites.append(b"second run\n" * 100)
        assert read_all(follower) == [
            Chunk(b"second run\n" * 100, fresh=True, notices=(REWRITTEN,))
        ]


class TestDescriptors:
    def test_a_released_follower_goes_on_where_it_was(self, log: Path) -> None:
        append(log, b"one\ntw")
        follower = Follower(log)
        read_all(follower)
        follower.release()
        append(log, b"o\n")
        assert follower.read(PLENTY) == Chunk(b"o\n")

    def test_many_followers_share_few_descriptors_and_lose_nothing(self, tmp_path: Path) -> None:
        open_files = OpenFiles(limit=3)
        logs = [tmp_path / f"rank{rank}.jsonl" for rank in range(10)]
        followers = [Follower(log, open_files=open_files) for log in logs]
        for content in (b"one\n", b"two\n"):
            for log in logs:
                append(log, content)
            assert [bytes_of(read_all(follower)) for follower in followers] == [content] * 10
            assert len(open_files) == 3
        open_files.close()
        assert len(open_files) == 0

    def test_a_quiet_file_is_not_opened_again(self, log: Path) -> None:
        opened: list[Path] = []

        def opener(path: Path) -> int:
            opened.append(path)
            return open_regular(path)

        append(log, b"one\n")
        follower = Follower(log, opener=opener)
        read_all(follower)
        follower.release()
        follower.read(PLENTY)
        assert opened == [log]

    def test_a_deleted_file_is_closed_so_that_its_space_is_freed(self, log: Path) -> None:
        open_files = OpenFiles()
        append(log, b"one\n")
        follower = Follower(log, open_files=open_files)
        read_all(follower)
        log.unlink()
        read_all(follower)
        assert len(open_files) == 0
