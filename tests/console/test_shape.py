import pytest

from trainmon.console.numbers import apart
from trainmon.console.shape import Field, fields_of


def _fields(line: str) -> list[Field]:
    return list(fields_of(apart(line)[0]))


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("loss=0.5, lr=1e-4", ["loss", "lr"]),
        ("loss: 0.5 | grad norm: 2", ["loss", "grad norm"]),
        ("{'loss': 0.5, \"lr\": 1}", ["loss", "lr"]),
        ("step 5 train loss 0.5 acc 0.7", ["step", "train loss", "acc"]),
        ("elapsed time per iteration (ms): 12.5", ["elapsed time per iteration"]),
        ("coco/AP .5: 0.25  coco/AP (M): -1", ["coco/AP .5", "coco/AP (M)"]),
        ("Epoch(train) [3][5/6]", ["Epoch", ""]),
        ("we waited for 7 hours", [""]),
    ],
)
def test_numbers_are_named_by_what_stands_ahead(line: str, keys: list[str]) -> None:
    assert [field.key for field in _fields(line)] == keys


def test_a_fraction_is_a_position_with_its_total() -> None:
    (step,) = _fields("step 10/1,000")
    assert (step.at, step.total) == (0, 1)


def test_a_number_in_parentheses_is_the_average() -> None:
    time, rate, loss = _fields("Time: 0.5s, 250.0/s (0.6s, 240.0/s) Loss 6.9 (7.0)")
    assert (time.key, rate.key, rate.average) == ("Time", "samples_per_second", 2)
    assert (loss.key, loss.average) == ("Loss", 5)


def test_percentages_and_z_scores_in_parentheses_are_left_out() -> None:
    assert [field.at for field in _fields("at 5/10 ( 50%) loss 2.5 (+1.2z)")] == [0, 3]


def test_clocks_are_no_metrics() -> None:
    assert [field.key for field in _fields("eta: 2:05:05 loss: 1") if field.key] == ["loss"]


def test_a_split_holds_until_another_is_told() -> None:
    fields = _fields("Train Loss: 1 Acc: 2 | Val Loss: 3 Acc: 4")
    assert [field.split for field in fields] == ["train", "train", "val", "val"]
