"""A run to compare with that a configuration tells of by itself."""

import pytest

from trainmon.comparison.told import told_reference
from trainmon.configuration import settings_of
from trainmon.reference import Axis


def test_its_settings_are_known_by_the_names_that_rules_read() -> None:
    told = told_reference(settings_of({"reference": {"learning_rate": 1e-3, "bs": 8}}))
    assert told is not None
    assert (told.settings["lr"], told.settings["batch_size"]) == (1e-3, 8)


def test_its_settings_are_none_of_the_run_itself() -> None:
    settings = settings_of({"reference": {"lr": 1e-3}, "optim": {"learning_rate": 1e-4}})
    assert settings["lr"] == 1e-4
    assert "lr" not in settings_of({"reference": {"lr": 1e-3}})


def test_its_curves_are_given_by_epochs_from_the_first_one_on() -> None:
    curve = {"val/iou": {"0": 0.1, "10": 0.5, "2": 0.4}, "val": {"loss": {"1": 2.0}}}
    told = told_reference(settings_of({"reference": {"lr": 1.0, "curve": curve}}))
    assert told is not None
    places, values = told.curves["val/iou"].on(Axis.EPOCH)
    assert (places.tolist(), values.tolist()) == ([0, 2, 10], [0.1, 0.4, 0.5])
    assert told.curves["val/loss"].values.tolist() == [2.0]


@pytest.mark.parametrize("reference", ["good", "runs/good", None, 3, [1, 2]])
def test_a_name_or_a_path_tells_nothing(reference: object) -> None:
    assert told_reference(settings_of({"lr": 1.0, "reference": reference})) is None


@pytest.mark.parametrize("curve", [{"val/iou": {"x": 1.0, "nan": 2.0}}, {"val/iou": 3}, {}, "x"])
def test_a_curve_that_makes_no_sense_is_none(curve: object) -> None:
    told = told_reference(settings_of({"reference": {"lr": 1.0, "curve": curve}}))
    assert told is not None
    assert not told.curves


def test_it_has_the_name_that_it_is_given() -> None:
    told = told_reference(settings_of({"reference": {"lr": 1.0, "name": "good"}}))
    assert told is not None
    assert told.name == "good"
