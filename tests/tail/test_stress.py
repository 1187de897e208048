"""Logs that are rotated and compressed and whose writers are killed lose and double nothing."""

import pytest

from tests.soak.follow import Followed, numbers_by_attempt, soak

ATTEMPTS = 10
"""Writers that follow each other on each log: some seconds of writing, most of them killed."""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Followed]:
    return soak(tmp_path_factory.mktemp("logs"), 0, lambda attempts: attempts < ATTEMPTS)


def test_each_part_is_read_once_and_in_order(logs: list[Followed]) -> None:
    for log in logs:
        assert [len(part) for part in log.parts] == [len(part) for part in log.on_disk()]
        assert log.parts == log.on_disk()


def test_no_whole_line_of_any_writer_is_missing_or_comes_twice(logs: list[Followed]) -> None:
    for log in logs:
        numbers = numbers_by_attempt(log)
        assert numbers == [list(range(len(found))) for found in numbers]
        assert sum(map(len, numbers)) > ATTEMPTS


def test_rotation_is_nothing_to_tell(logs: list[Followed]) -> None:
    assert [log.notices for log in logs] == [[], [], []]


def test_the_logs_were_rotated_many_times(logs: list[Followed]) -> None:
    assert all(len(log.parts) > ATTEMPTS for log in logs)


def test_writers_were_killed(logs: list[Followed]) -> None:
    assert sum(log.killed for log in logs) > 0
