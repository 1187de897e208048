from datetime import datetime

import pytest

from trainmon.console.prefix import undressed


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "2031-05-06 07:08:09,123 - mmdet - INFO - ",
        "[2031-05-06 07:08:09,123][fairseq.trainer][INFO] - ",
        "2031-05-06 07:08:09 | INFO | train_inner | ",
        "[rank3]:[titan] 2031-05-06 07:08:09 - root - INFO - ",
        "I0506 07:08:09.123456 1234 train.py:88] ",
        "[07:08:09] ",
        "[2031-05-06 07:08:09,123] [INFO] [logging.py:96:log_dist] [Rank 0] ",
        "(RayTrainWorker pid=812, ip=10.0.0.7) ",
        "worker-1: ",
    ],
)
def test_loggers_and_launchers_are_taken_off(prefix: str) -> None:
    text = undressed(f"{prefix}step 5 loss 0.5").text
    assert text.endswith("step 5 loss 0.5")
    assert not any(character.isdigit() for character in text.removesuffix("step 5 loss 0.5"))


def test_a_stamp_with_a_zone_is_a_moment() -> None:
    assert undressed("2031-05-06T07:08:09.5Z loss 1").time == 1_935_817_689.5
    assert undressed("2031-05-06 09:08:09+02:00 loss 1").time == 1_935_817_689


def test_a_stamp_without_a_zone_is_local() -> None:
    local = datetime.fromisoformat("2031-05-06T07:08:09").timestamp()
    assert undressed("2031/05/06 07:08:09 - a - INFO - loss 1").time == local


@pytest.mark.parametrize("stamp", ["2031-13-45 07:08:09 ", "[05/06 07:08:09 d2.utils]: "])
def test_a_stamp_that_tells_no_moment_is_none(stamp: str) -> None:
    assert undressed(f"{stamp}loss 1").time is None


def test_a_rank_is_told_by_its_label() -> None:
    assert undressed("[rank3]: loss 1").rank == 3
    assert undressed("[default7]:loss 1").rank == 7
    line = undressed("2: loss 1")
    assert (line.rank, line.labelled) == (2, True)
