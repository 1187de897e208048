"""Chance levels: what a loss is worth that ignores the inputs."""

from math import log, pi

import pytest

from trainmon.chance import chance_levels, entropy
from trainmon.judge import Judge
from trainmon.rule import Block
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane


def _levels(*records: Record, **config: object) -> list[object]:
    lane = Lane()
    lane.append(
        batch_of([{"trainmon": 1, "config": config}, {"step": 1, "train/loss": 1.0}, *records])
    )
    judge = Judge(lane, [], strict=True)
    judge.advance()
    block = Block(lane, 0, lane.n_rows)
    return [(c.loss, c.sure) for c in chance_levels(judge.context, block, lane.n_rows - 1)]


@pytest.mark.parametrize(
    ("config", "level"),
    [
        ({"num_classes": 10}, log(10)),
        ({"vocab_size": 50_257}, log(50_257)),
        ({"loss": "angular distance"}, pi / 2),
        ({"loss": "InfoNCE", "batch_size": 64}, log(64)),
        ({"chance_loss": 3.3}, 3.3),
    ],
)
def test_a_configuration_tells_it(config: dict[str, object], level: float) -> None:
    assert _levels(**config) == [(pytest.approx(level), True)]


def test_an_evaluation_tells_the_entropy_of_its_classes() -> None:
    evaluation: Record = {"event": "evaluation", "actual_shares": [0.9, 0.1]}
    assert _levels(evaluation) == [(pytest.approx(0.325, abs=1e-3), True)]


def test_rows_of_a_confusion_matrix_are_actual_classes() -> None:
    evaluation: Record = {"event": "evaluation", "confusion": [[0, 9], [0, 1]]}
    assert _levels(evaluation) == [(pytest.approx(0.325, abs=1e-3), True)]


def test_weighted_classes_have_no_level_that_is_known() -> None:
    evaluation: Record = {"event": "evaluation", "actual_shares": [0.9, 0.1]}
    assert not _levels(evaluation, pos_weight=9.0)


def test_a_squared_error_has_the_variance_of_the_target() -> None:
    evaluation: Record = {"event": "evaluation", "kind": "regression", "target": {"std": 3.0}}
    assert _levels(evaluation, loss="mse") == [(9.0, True)]


@pytest.mark.parametrize("loss", ["focal", "hinge", "dice"])
def test_losses_that_are_no_entropy_have_none(loss: str) -> None:
    assert not _levels(loss=loss, num_classes=10)


def test_the_width_of_the_outputs_is_only_likely_to_be_the_classes() -> None:
    assert _levels({"event": "outputs", "shape": [64, 7]}) == [(pytest.approx(log(7)), False)]


@pytest.mark.parametrize(
    "fields",
    [
        {"actual_shares": ["a", None]},
        {"actual_shares": [0, 0]},
        {"confusion": [[1, 2], "x"]},
        {"prevalence": 2.0},
        {"target": {"std": "NaN"}},
    ],
)
def test_senseless_fields_tell_nothing(fields: Record) -> None:
    assert not _levels({"event": "evaluation", **fields}, loss="mse")
    assert not _levels({"event": "evaluation", **fields})


def test_the_entropy_of_a_sure_thing_is_0() -> None:
    assert entropy([1.0, 0.0]) == 0
    assert entropy([0.0, 0.0]) is None
