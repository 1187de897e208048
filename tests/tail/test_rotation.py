"""A log that is rotated is one log: no byte is lost and none comes twice, however it is done."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trainmon.tail import Chunk, Follower, OpenFiles, open_regular
from trainmon.tail.chunk import CUT_SHORT, DAMAGED, DELETED, GAP, REPLACED, REWRITTEN

PLENTY = 1 << 19


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def older(log: Path, ending: str) -> Path:
    """Return the path of an older part."""
    return log.with_name(log.name + ending)


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def rotate(log: Path, *, keep: int = 9) -> None:
    """Rename all parts by one and begin a new one, as handlers of logging do."""
    older(log, f".{keep}").unlink(missing_ok=True)
    for number in range(keep, 0, -1):
        part = log if number == 1 else older(log, f".{number - 1}")
        if part.exists():
            part.rename(older(log, f".{number}"))
    log.touch()


def pack(path: Path) -> None:
    """Compress a part as gzip does."""
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def copy_and_cut(log: Path) -> None:
    """Copy the log to a part of its own and empty it, as logrotate's copytruncate does."""
    older(log, ".1").write_bytes(log.read_bytes())
    os.truncate(log, 0)


def read_all(follower: Follower, limit: int = PLENTY) -> list[Chunk]:
    chunks: list[Chunk] = []
    while (chunk := follower.read(limit)) is not None:
        chunks.append(chunk)
        if not chunk.more:
            break
    return chunks


def told(chunks: list[Chunk]) -> list[str]:
    return [notice for chunk in chunks for notice in chunk.notices]


def parts(chunks: list[Chunk]) -> list[bytes]:
    """Return the content between borders; a fresh beginning is marked as one."""
    found: list[bytes] = []
    for chunk in chunks:
        if chunk.fresh:
            found.append(b"fresh:")
        elif chunk.border:
            found.append(b"")
        if chunk.data:
            found[-1:] = [b"".join((*found[-1:], chunk.data))]
    return found


class TestBeginning:
    @pytest.mark.parametrize(
        ("oldest", "newer"),
        [
            (".2", ".1"),
            (".10", ".9"),
            (".2.gz", ".1"),
            ("-20261119", "-20261120"),
            ("-20261119.gz", "-20261120"),
            (".2026-11-19", ".2026-11-20"),
            (".2026-11-20_09-00", ".2026-11-20_10-00"),
            ("-20261120-1700000000", "-20261120-1700003600"),
        ],
    )
    def test_the_oldest_part_is_read_first(self, log: Path, oldest: str, newer: str) -> None:
        append(log, b"three\n")
        append(older(log, newer), b"two\n")
        append(older(log, oldest.removesuffix(".gz")), b"one\n")
        if oldest.endswith(".gz"):
            pack(older(log, oldest.removesuffix(".gz")))
        assert parts(read_all(Follower(log))) == [b"fresh:one\n", b"two\n", b"three\n"]

    @pytest.mark.parametrize(
        "name",
        ["metrics.jsonl.gz", "metrics.1.jsonl", "metrics.jsonl.bak", "metrics.jsonl-20269999",
         "other.jsonl.1", "metrics.jsonl.123456"],
    )  # fmt: skip
    def test_other_names_are_no_parts(self, log: Path, name: str) -> None:
        append(log, b"one\n")
        append(log.with_name(name), b"other\n")
        assert parts(read_all(Follower(log))) == [b"fresh:one\n"]

    def test_a_part_of_another_kind_is_left_out_and_told(self, log: Path) -> None:
        append(log, b"one\n")
        append(older(log, ".1"), b"\x89PNG\r\n\0\0\0\rIHDR")
        chunks = read_all(Follower(log))
        assert parts(chunks) == [b"fresh:one\n"]
        assert told(chunks) == ["'metrics.jsonl.1' is left out: its content is of another kind"]

    def test_a_part_that_may_not_be_read_is_left_out_and_told(self, log: Path) -> None:
        def opener(path: Path) -> int:
            if path != log:
                raise PermissionError(13, "Permission denied", str(path))
            return open_regular(path)

        append(log, b"two\n")
        append(older(log, ".1"), b"one\n")
        chunks = read_all(Follower(log, opener=opener))
        assert parts(chunks) == [b"fresh:two\n"]
        assert told(chunks) == ["'metrics.jsonl.1' is left out: Permission denied"]

    def test_a_copy_that_is_being_made_is_not_read_twice(self, log: Path) -> None:
        append(log, b"one\ntwo\n")
        append(older(log, ".1"), b"one\n")
        follower = Follower(log)
        assert parts(read_all(follower)) == [b"fresh:one\ntwo\n"]
        copy_and_cut(log)
        append(log, b"three\n")
        assert read_all(follower) == [Chunk(b"three\n", border=True)]

    def test_a_part_beside_its_compressed_half_is_read_once(self, log: Path) -> None:
        append(log, b"two\n")
        append(older(log, ".1"), b"one\n")
        older(log, ".1.gz").write_bytes(gzip.compress(b"one\n")[:15])
        assert parts(read_all(Follower(log))) == [b"fresh:one\n", b"two\n"]

    def test_an_empty_log_waits_behind_its_older_parts(self, log: Path) -> None:
        log.touch()
        append(older(log, ".1"), b"one\n")
        follower = Follower(log)
        assert parts(read_all(follower)) == [b"fresh:one\n"]
        append(log, b"two\n")
        assert read_all(follower) == [Chunk(b"two\n", border=True)]


class TestRenaming:
    def test_the_new_file_goes_on_at_a_border(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        append(log, b"rest\nha")
        rotate(log)
        append(log, b"two\n")
        assert read_all(follower) == [Chunk(b"rest\nha", more=True), Chunk(b"two\n", border=True)]
        assert follower.read(PLENTY) is None

    def test_what_is_still_written_to_the_renamed_file_is_read(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        rotate(log)
        assert read_all(follower) == []
        append(older(log, ".1"), b"late\n")
        assert read_all(follower) == [Chunk(b"late\n", more=True)]
        append(older(log, ".1"), b"later\n")
        append(log, b"two\n")
        assert parts([Chunk(b"", border=True), *read_all(follower)]) == [b"later\n", b"two\n"]

    @pytest.mark.parametrize("released", [False, True])
    def test_several_rotations_between_two_looks_are_read_in_order(
        self, log: Path, released: bool  # noqa: FBT001 - a parameter of the test
    ) -> None:  # fmt: skip
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        if released:
            follower.release()
        append(log, b"rest\n")
        for content in (b"two\n", b"three\n", b"four\n"):
            rotate(log)
            append(log, content)
        chunks = read_all(follower)
        assert chunks[0].data == b"rest\n"
        assert parts(chunks[1:]) == [b"two\n", b"three\n", b"four\n"]
        assert told(chunks) == []

    def test_a_log_that_is_away_for_a_moment_is_not_deleted(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        log.rename(older(log, "-20261120"))
        assert read_all(follower) == []
        append(log, b"two\n")
        assert read_all(follower) == [Chunk(b"two\n", border=True)]

    def test_rotation_goes_on_while_older_parts_are_read(self, log: Path) -> None:
        append(older(log, ".2"), b"one\n")
        append(older(log, ".1"), b"two\n")
        append(log, b"three\n")
        follower = Follower(log)
        first = follower.read(2)
        assert first is not None
        rotate(log)
        append(log, b"four\n")
        chunks = [first, *read_all(follower, limit=2)]
        assert parts(chunks) == [b"fresh:one\n", b"two\n", b"three\n", b"four\n"]

    def test_a_part_that_was_dropped_unread_is_told_and_the_log_goes_on(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        for content in (b"two\n", b"three\n", b"four\n"):
            rotate(log, keep=2)
            append(log, content)
        chunks = read_all(follower)
        assert parts(chunks) == [b"two\n", b"three\n", b"four\n"]
        assert told(chunks) == [GAP]

    def test_a_link_that_moves_on_to_the_next_part_goes_on(self, log: Path) -> None:
        append(older(log, "-20261119"), b"one\n")
        log.symlink_to(older(log, "-20261119").name)
        follower = Follower(log)
        read_all(follower)
        append(older(log, "-20261119"), b"rest\n")
        append(older(log, "-20261120"), b"two\n")
        log.unlink()
        log.symlink_to(older(log, "-20261120").name)
        chunks = read_all(follower)
        assert chunks[0].data == b"rest\n"
        assert parts(chunks[1:]) == [b"two\n"]

    def test_parts_are_looked_for_beside_what_a_link_leads_to(
        self, log: Path, tmp_path: Path
    ) -> None:
        append(log, b"one\n")
        (tmp_path / "latest").mkdir()
        link = tmp_path / "latest" / "log"
        link.symlink_to(log)
        follower = Follower(link)
        read_all(follower)
        rotate(log)
        append(log, b"two\n")
        assert read_all(follower) == [Chunk(b"two\n", border=True)]


class TestCutting:
    def test_a_copied_and_emptied_log_goes_on_at_a_border(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        append(log, b"rest\n")
        copy_and_cut(log)
        append(log, b"two\n")
        assert read_all(follower) == [Chunk(b"rest\n", more=True), Chunk(b"two\n", border=True)]

    def test_a_log_that_has_grown_past_the_place_again_goes_on(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        copy_and_cut(log)
        append(log, b"two\n" * 50)
        assert read_all(follower) == [Chunk(b"two\n" * 50, border=True)]

    def test_an_emptied_log_without_a_copy_is_told_as_rewritten(self, log: Path) -> None:
        append(older(log, ".1"), b"one\n")
        append(log, b"two\n")
        follower = Follower(log)
        read_all(follower)
        log.write_bytes(b"new run\n")
        chunks = read_all(follower)
        assert parts(chunks) == [b"fresh:one\n", b"new run\n"]
        assert told(chunks) == [REWRITTEN]

    def test_a_log_cut_between_two_reads_gives_its_rest_from_the_copy(self, log: Path) -> None:
        append(log, b"0123456789" * 20)
        follower = Follower(log)
        first = follower.read(100)
        assert first is not None
        copy_and_cut(log)
        append(log, b"next\n")
        assert parts([first, *read_all(follower, 64)]) == [
            b"fresh:" + b"0123456789" * 20,
            b"next\n",
        ]

    def test_a_log_cut_while_it_is_opened_gives_its_copy_first(self, log: Path) -> None:
        cuts = [b"two\n"]

        def opener(path: Path) -> int:
            if path == log and cuts:
                copy_and_cut(log)
                append(log, cuts.pop())
            return open_regular(path)

        append(log, b"one\n")
        assert parts(read_all(Follower(log, opener=opener))) == [b"fresh:one\n", b"two\n"]

    def test_a_log_filled_and_cut_between_two_looks_gives_its_copy_first(self, log: Path) -> None:
        log.touch()
        follower = Follower(log)
        assert read_all(follower) == []
        append(log, b"one\n")
        copy_and_cut(log)
        append(log, b"two\n")
        assert parts(read_all(follower)) == [b"fresh:one\n", b"two\n"]


class TestReplacing:
    def test_a_replaced_log_reads_its_family_again(self, log: Path) -> None:
        append(older(log, ".1"), b"one\n")
        append(log, b"two\n")
        follower = Follower(log)
        read_all(follower)
        new = log.with_name("new")
        append(new, b"other\n")
        new.replace(log)
        chunks = read_all(follower)
        assert parts(chunks) == [b"fresh:one\n", b"other\n"]
        assert told(chunks) == [REPLACED]

    def test_a_deleted_log_is_told_although_its_parts_stay(self, log: Path) -> None:
        append(older(log, ".1"), b"one\n")
        append(log, b"two\n")
        follower = Follower(log)
        read_all(follower)
        log.unlink()
        assert read_all(follower) == [Chunk(b"", notices=(DELETED,))]
        assert read_all(follower) == []

    def test_a_file_replaced_again_and_again_starts_over_each_time(self, log: Path) -> None:
        follower = Follower(log)
        for number in range(20):
            new = log.with_name("new")
            append(new, b"%d\n" % number)
            new.replace(log)
            assert parts(read_all(follower)) == [b"fresh:%d\n" % number]


class TestPacking:
    def test_a_part_that_is_compressed_after_it_was_read_is_not_read_again(self, log: Path) -> None:
        append(log, b"one\n" * 1_000)
        follower = Follower(log)
        read_all(follower)
        rotate(log)
        pack(older(log, ".1"))
        append(log, b"two\n")
        assert read_all(follower) == [Chunk(b"two\n", border=True)]

    def test_the_unread_rest_of_a_part_is_read_through_gzip(self, log: Path) -> None:
        append(log, b"one\n" * 1_000)
        follower = Follower(log)
        read_all(follower)
        append(log, b"rest\n")
        follower.release()
        rotate(log)
        pack(older(log, ".1"))
        append(log, b"two\n")
        assert read_all(follower) == [Chunk(b"rest\n", more=True), Chunk(b"two\n", border=True)]

    def test_unread_parts_are_read_through_gzip(self, log: Path) -> None:
        append(log, b"one\n")
        follower = Follower(log)
        read_all(follower)
        for content in (b"two\n", b"three\n"):
            rotate(log)
            append(log, content)
        pack(older(log, ".1"))
        pack(older(log, ".2"))
        follower.release()
        assert parts([Chunk(b"", fresh=True), *read_all(follower)])[1:] == [b"two\n", b"three\n"]

    @pytest.mark.parametrize(
        ("harm", "what"),
        [(lambda packed: packed[:-20], CUT_SHORT), (lambda packed: packed + b"junk", DAMAGED)],
        ids=["cut short", "damaged"],
    )
    def test_a_broken_part_is_told_once_and_the_log_goes_on(
        self, log: Path, harm: Callable[[bytes], bytes], what: str
    ) -> None:
        content = b"".join(b"%d\n" % (number * number) for number in range(1_000))
        older(log, ".1.gz").write_bytes(harm(gzip.compress(content)))
        append(log, b"next\n")
        follower = Follower(log)
        chunks = read_all(follower)
        first, second = parts(chunks)
        assert content.startswith(first.removeprefix(b"fresh:"))
        assert len(first) > 1_000
        assert second == b"next\n"
        assert told(chunks) == [f"'metrics.jsonl.1.gz': {what}"]
        append(log, b"more\n")
        assert read_all(follower) == [Chunk(b"more\n")]

    def test_a_lone_compressed_log_is_followed_while_it_grows(self, tmp_path: Path) -> None:
        log = tmp_path / "metrics.jsonl.gz"
        follower = Follower(log)
        append(log, gzip.compress(b"one\n"))
        assert read_all(follower) == [Chunk(b"one\n", fresh=True)]
        append(log, gzip.compress(b"two\n"))
        assert read_all(follower) == [Chunk(b"two\n")]

    def test_what_unfolds_hugely_is_given_in_pieces_of_the_limit(self, tmp_path: Path) -> None:
        log = tmp_path / "bomb.gz"
        log.write_bytes(gzip.compress(b"\n" * 20_000_000))
        chunks = read_all(Follower(log))
        assert max(len(chunk.data) for chunk in chunks) == PLENTY
        assert sum(len(chunk.data) for chunk in chunks) == 20_000_000


class TestDescriptors:
    def test_followers_of_rotated_logs_share_few_descriptors(self, tmp_path: Path) -> None:
        open_files = OpenFiles(limit=2)
        logs = [tmp_path / f"rank{rank}.jsonl" for rank in range(5)]
        followers = [Follower(log, open_files=open_files) for log in logs]
        before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - their number alone
        for content in (b"one\n", b"two\n", b"three\n"):
            for log in logs:
                rotate(log)
                append(log, content)
            assert [
                parts([Chunk(b"", border=True), *read_all(follower)])[-1] for follower in followers
            ] == [content if content != b"one\n" else b"fresh:one\n"] * 5
            assert len(open_files) == 2
        open_files.close()
        assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208 - their number alone
