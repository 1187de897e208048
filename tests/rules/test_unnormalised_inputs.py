"""unnormalised-inputs: what the looks at the inputs tell."""

import pytest

from tests.rules.schedules import events
from trainmon.store.batch import Record

RULE = "unnormalised-inputs"


def _inputs(dtype: str = "float32", **features: tuple[object, object, object, object]) -> Record:
    spreads = {
        name: dict(zip(("mean", "std", "min", "max"), numbers, strict=True))
        for name, numbers in features.items()
    }
    return {"event": "inputs", "step": 1, "dtype": dtype, "features": spreads}


def test_the_feature_that_leads_is_named_with_its_numbers() -> None:
    (event,) = events(RULE, [_inputs(time=(13_130, 3_000, 5_714, 77_785), aux=(0.3, 0.4, 0, 1))])
    assert event.evidence["leads"] == "time"
    assert (event.evidence["mean"], event.evidence["largest"]) == (13_130, 77_785)


def test_a_feature_that_is_all_but_constant_leads_by_its_offset() -> None:
    (event,) = events(RULE, [_inputs(pressure=(900, 1, 890, 905), x=(0, 1, -3, 3))])
    assert event.evidence["offset"] == 900


def test_it_is_told_once() -> None:
    look = _inputs(time=(13_130, 3_000, 5_714, 77_785))
    assert len(events(RULE, [look, look, look])) == 1


@pytest.mark.parametrize(
    "look",
    [
        _inputs(pixels=(120, 60, 0, 255)),
        _inputs(sensor_id=(2_500, 1_400, 0, 5_159), x=(0, 1, -3, 3)),
        _inputs("int64", words=(15_000, 9_000, 0, 50_000)),
        _inputs(bias=(5_000, 0, 5_000, 5_000)),
        _inputs(x=("NaN", None, {}, "abc")),
        {"event": "inputs", "features": ["no", "mapping"]},
        {"event": "inputs"},
    ],
    ids=["images", "ids", "tokens", "constant", "no numbers", "a list", "nothing"],
)
def test_what_is_ordinary_or_senseless_is_not_told(look: Record) -> None:
    assert not events(RULE, [look])


def test_border_pixels_that_are_nearly_constant_are_ordinary() -> None:
    assert not events(RULE, [_inputs(border=(1e-5, 1e-4, 0, 1e-3), centre=(0.4, 0.3, 0, 1))])


@pytest.mark.parametrize(("first", "severity"), [(1_800.0, "warning"), (3.0, "info")])
def test_first_gradients_beyond_any_initialisation_make_it_a_warning(
    first: float, severity: str
) -> None:
    norms = [first, *[50.0] * 20]
    steps: list[Record] = [{"step": n + 1, "grad_norm": norm} for n, norm in enumerate(norms)]
    told = events(RULE, [_inputs(time=(13_130, 3_000, 5_714, 77_785)), *steps])
    assert told[-1].severity.word == severity
