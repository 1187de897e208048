"""A document is given whole and consistent whenever it changed, and only then."""

import gzip
import os
from pathlib import Path

import pytest

from trainmon.tail import Chunk, Document, open_regular
from trainmon.tail.chunk import DELETED

PLENTY = 1 << 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trainer_state.json"


class TestChange:
    def test_all_of_it_comes_each_time_it_changed(self, file: Path) -> None:
        document = Document(file)
        assert document.read(PLENTY) is None
        file.write_bytes(b"[1]")
        assert document.read(PLENTY) == Chunk(b"[1]", fresh=True)
        assert document.read(PLENTY) is None
        file.write_bytes(b"[1, 2]")
        assert document.read(PLENTY) == Chunk(b"[1, 2]")

    def test_one_that_is_replaced_is_still_the_same_document(self, file: Path) -> None:
        file.write_bytes(b"[1]")
        document = Document(file)
        document.read(PLENTY)
        new = file.with_suffix(".new")
        new.write_bytes(b"[2]")
        new.replace(file)
        assert document.read(PLENTY) == Chunk(b"[2]")

    def test_an_unchanged_one_is_not_opened_again(self, file: Path) -> None:
        opened: list[Path] = []

        def opener(path: Path) -> int:
            opened.append(path)
            return open_regular(path)

        file.write_bytes(b"[1]")
        document = Document(file, opener=opener)
        document.read(PLENTY)
        document.read(PLENTY)
        assert opened == [file]

    def test_a_deleted_one_is_told_once_and_fresh_when_it_is_back(self, file: Path) -> None:
        file.write_bytes(b"[1]")
        document = Document(file)
        document.read(PLENTY)
        file.unlink()
        assert document.read(PLENTY) == Chunk(b"", notices=(DELETED,))
        assert document.read(PLENTY) is None
        file.write_bytes(b"[1]")
        assert document.read(PLENTY) == Chunk(b"[1]", fresh=True)


class TestConsistency:
    def test_one_that_changes_while_it_is_read_is_left_for_the_next_look(self, file: Path) -> None:
        rewrites = [b"[1, 2, 3]", b"[1, 2, 3, 4]"]

        def pread(descriptor: int, size: int, offset: int) -> bytes:
            piece = os.pread(descriptor, size, offset)
            if rewrites:
                file.write_bytes(rewrites.pop(0))
            return piece

        file.write_bytes(b"[1]")
        document = Document(file, pread=pread)
        assert document.read(PLENTY) is None
        assert document.read(PLENTY) == Chunk(b"[1, 2, 3, 4]", fresh=True)

    def test_one_that_is_replaced_while_it_is_read_is_left_too(self, file: Path) -> None:
        news = [b"[2]"]

        def opener(path: Path) -> int:
            descriptor = open_regular(path)
            if news:
                new = path.with_suffix(".new")
                new.write_bytes(news.pop())
                new.replace(path)
            return descriptor

        file.write_bytes(b"[1]")
        document = Document(file, opener=opener)
        assert document.read(PLENTY) is None
        assert document.read(PLENTY) == Chunk(b"[2]", fresh=True)

    def test_short_reads_are_put_together(self, file: Path) -> None:
        file.write_bytes(b"[1, 2, 3]")
        document = Document(file, pread=lambda fd, size, offset: os.pread(fd, min(size, 2), offset))
        assert document.read(PLENTY) == Chunk(b"[1, 2, 3]", fresh=True)


class TestTrouble:
    def test_a_limit_below_one_byte_is_an_error(self, file: Path) -> None:
        with pytest.raises(ValueError, match="at least one byte"):
            Document(file).read(0)

    def test_one_over_the_limit_is_told_once_and_not_given(self, file: Path) -> None:
        file.write_bytes(b"[1, 2, 3]")
        document = Document(file)
        told = "the file cannot be read: it has over 5 bytes"
        assert document.read(5) == Chunk(b"", notices=(told,))
        assert document.read(5) is None
        file.write_bytes(b"[1]")
        assert document.read(5) == Chunk(b"[1]", fresh=True)

    def test_lost_permission_is_told_once_and_reading_goes_on_when_it_is_back(
        self, file: Path
    ) -> None:
        allowed = False

        def opener(path: Path) -> int:
            if not allowed:
                raise PermissionError(13, "Permission denied", str(path))
            return open_regular(path)

        file.write_bytes(b"[1]")
        document = Document(file, opener=opener)
        told = Chunk(b"", notices=("the file cannot be read: Permission denied",))
        assert [document.read(PLENTY), document.read(PLENTY)] == [told, None]
        allowed = True
        assert document.read(PLENTY) == Chunk(b"[1]", fresh=True)

    def test_a_fifo_is_refused_without_hanging(self, file: Path) -> None:
        os.mkfifo(file)
        chunk = Document(file).read(PLENTY)
        assert chunk is not None
        assert chunk.notices[0].endswith("is a FIFO")

    def test_nothing_stays_open(self, file: Path) -> None:
        file.write_bytes(b"[1]")
        before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - their number alone
        document = Document(file)
        document.read(PLENTY)
        assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208 - their number alone


class TestPacking:
    def test_a_compressed_one_is_given_decompressed(self, file: Path) -> None:
        file.write_bytes(gzip.compress(b"[1, 2, 3]"))
        assert Document(file).read(PLENTY) == Chunk(b"[1, 2, 3]", fresh=True)

    def test_one_that_unfolds_beyond_the_limit_is_told(self, file: Path) -> None:
        file.write_bytes(gzip.compress(b" " * 10_000_000))
        chunk = Document(file).read(PLENTY)
        assert chunk == Chunk(
            b"", notices=(f"the file cannot be read: it has over {PLENTY:,} bytes",)
        )
