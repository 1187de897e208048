"""Names tell which files are older parts of a log, and a folder is listed only when it changed."""

import time
from pathlib import Path

import pytest

from trainmon.tail import Families
from trainmon.tail.family import part_name, parts_by_base
from trainmon.tail.listing import CLOCK_GRAIN


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("metrics.jsonl.1", "metrics.jsonl"),
        ("metrics.jsonl.12.gz", "metrics.jsonl"),
        ("train-20261120", "train"),
        ("train.log-20261120.gz", "train.log"),
        ("train.log-2026-11-20", "train.log"),
        ("train.log.2026-11-20_13-45-59", "train.log"),
        ("train.log-2026112013", "train.log"),
        ("train.log-20261120-1763600000.gz", "train.log"),
        ("events.out.tfevents.1763668800.host.123.0", "events.out.tfevents.1763668800.host.123"),
    ],
)
def test_names_that_rotation_gives(name: str, base: str) -> None:
    part = part_name(name)
    assert part is not None
    assert part.base == base


@pytest.mark.parametrize(
    "name",
    ["metrics.jsonl", "metrics.jsonl.gz", "metrics.1.jsonl", "epoch10", "loss.0.001.txt", ".1",
     "checkpoint-1000", "run-20263120", "train.log.12345678", "", "1", "a.-1", "a.1.gz.gz"],
)  # fmt: skip
def test_other_names(name: str) -> None:
    assert part_name(name) is None


def test_an_endless_name_is_looked_at_in_no_time() -> None:
    assert part_name("2026-11-20" * 400 + "x1") is None


def test_parts_are_ordered_as_they_were_written() -> None:
    names = ["a.1", "a.10.gz", "a.2", "a-20261119", "a.2026-11-18", "b.1"]
    assert parts_by_base(names) == {
        "a": ("a.2026-11-18", "a-20261119", "a.10.gz", "a.2", "a.1"),
        "b": ("b.1",),
    }


@pytest.mark.parametrize("age", [0, 2 * CLOCK_GRAIN], ids=["just made", "settled"])
def test_a_part_that_appears_later_is_found(tmp_path: Path, age: int) -> None:
    families = Families(clock=lambda: time.time_ns() + age)
    log = tmp_path / "log"
    log.touch()
    assert families.parts_of(log) == ()
    (tmp_path / "log.1").touch()
    assert families.parts_of(log) == (tmp_path / "log.1",)


def test_a_folder_that_is_not_there_has_no_parts(tmp_path: Path) -> None:
    assert Families().parts_of(tmp_path / "none" / "log") == ()
