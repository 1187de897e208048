"""How settings of two runs differ: what is told, in which order, and what is left out."""

from typing import Any

import pytest

from trainmon.comparison import differences
from trainmon.configuration import settings_of

GOOD = {"lr": 2.5e-4, "batch_size": 2, "accum": 4}
BAD = {"lr": 1e-4, "batch_size": 16, "accum": 8}


def _texts(here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    return [each.text for each in differences(settings_of(here), settings_of(there))]


def _names(here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    return [each.name for each in differences(settings_of(here), settings_of(there))]


def test_what_settings_amount_to_comes_before_the_settings() -> None:
    assert _names(BAD, GOOD) == [
        "LR per sample",
        "LR per root of the batch",
        "effective batch",
        "lr",
    ]


def test_a_quantity_is_told_with_how_it_comes_about() -> None:
    assert (
        _texts(BAD, GOOD)[2] == "effective batch 16x larger: 128 against 8 (16 x 8 against 2 x 4)"
    )


def test_the_learning_rate_alone_is_told_as_itself() -> None:
    assert _texts({**GOOD, "lr": 1e-3}, GOOD) == ["lr 4x larger: 0.001 against 2.5e-4"]


def test_an_equal_batch_made_otherwise_is_a_minor_difference() -> None:
    told = differences(settings_of({**GOOD, "batch_size": 8, "accum": 1}), settings_of(GOOD))
    assert {each.name for each in told} == {"batch_size", "accum"}
    assert all(each.harm < 0.2 for each in told)


def test_the_world_size_counts_for_the_batch() -> None:
    told = _texts({**GOOD, "world_size": 8}, GOOD)
    assert (
        told[0]
        == "LR per sample 8x smaller: 3.91e-6 against 3.13e-5 (2.5e-4 / 64 against 2.5e-4 / 8)"
    )


NEVER = (
    *("output_dir", "run_name", "project", "hub_model_id", "output_file"),
    *("seed", "data_seed", "device", "pid", "dataloader_pin_memory"),
    *("logging_steps", "save_strategy"),
)


@pytest.mark.parametrize("name", NEVER)
def test_what_never_matters_comes_last_without_harm(name: str) -> None:
    last = differences(settings_of({name: 1, "lr": 1.0}), settings_of({name: 2, "lr": 2.0}))[-1]
    assert (last.name, last.harm) == (name, 0)


@pytest.mark.parametrize("name", ["train_data_path", "pretrained_path", "dataset_name"])
def test_the_place_of_data_and_of_weights_matters(name: str) -> None:
    (told,) = differences({name: "data/a"}, {name: "data/b"})
    assert told.harm > 0.5


def test_another_optimizer_weighs_more_than_a_number_that_is_little_off() -> None:
    assert _names(
        {"optimizer": "sgd", "weight_decay": 0.02}, {"optimizer": "adamw", "weight_decay": 0.01}
    ) == ["optimizer", "weight_decay"]


def test_what_was_switched_off_is_told_as_it_is() -> None:
    assert _texts({"dropout": 0.0, "ema": True}, {"dropout": 0.1, "ema": False}) == [
        "dropout: 0 against 0.1",
        "ema: on against off",
    ]


def test_what_one_run_alone_tells_counts_half() -> None:
    (alone,) = differences({"clip": 1.0}, {})
    (both,) = differences({"clip": 1.0}, {"clip": None})
    assert (alone.text, alone.only, both.only) == ("clip: 1 against nothing told", True, False)
    assert alone.harm == pytest.approx(both.harm / 2)


def test_what_the_other_run_alone_tells_is_told_too() -> None:
    assert _texts({}, {"clip": 1.0}) == ["clip: nothing told against 1"]


@pytest.mark.parametrize(("here", "there"), [("3e-4", 3e-4), (2, 2.0), (True, 1), ("nan", "nan")])
def test_the_same_written_otherwise_is_no_difference(here: object, there: object) -> None:
    assert not _texts({"lr": here}, {"lr": there})


def test_a_setting_is_told_once_whatever_a_project_calls_it() -> None:
    here, there = {"trainer": {"max_grad_norm": 1.0}}, {"optim": {"grad_clip": 5.0}}
    assert _texts(here, there) == ["clip 5x smaller: 1 against 5"]


def test_settings_that_are_nested_otherwise_are_compared() -> None:
    assert not _texts({"model": {"depth": 12}}, {"depth": 12})
    assert _texts({"model": {"depth": 6}}, {"net": {"depth": 12}}) == [
        "depth 2x smaller: 6 against 12"
    ]


def test_settings_of_one_name_in_several_places_keep_their_paths() -> None:
    here = {"encoder": {"depth": 6}, "decoder": {"depth": 2}}
    there = {"encoder": {"depth": 12}, "decoder": {"depth": 2}}
    assert _texts(here, there) == ["encoder/depth 2x smaller: 6 against 12"]


def test_what_is_told_of_a_reference_is_no_setting_of_the_run() -> None:
    assert not _texts({"lr": 1.0, "reference": {"lr": 5.0, "batch_size": 4}}, {"lr": 1.0})


def test_the_most_harmful_comes_first() -> None:
    harms = [each.harm for each in differences(settings_of(BAD | {"ema": True}), settings_of(GOOD))]
    assert harms == sorted(harms, reverse=True)


def test_a_warm_up_is_compared_by_its_share_of_the_run() -> None:
    here = {"warmup_steps": 500, "total_steps": 1_000}
    there = {"warmup_steps": 100, "total_steps": 10_000}
    assert _texts(here, there)[0] == "warm-up share 50x larger: 0.5 against 0.01"


def test_longer_examples_and_another_batch_are_told_as_tokens() -> None:
    here, there = {"batch_size": 8, "seq_len": 512}, {"batch_size": 64, "seq_len": 2_048}
    assert "tokens per step 32x smaller: 4,096 against 131,072" in _texts(here, there)
