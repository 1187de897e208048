"""The rule for exploding gradients: what is an explosion, and what a large gradient."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("grad-explosion")


def _log(
    norms: Sequence[float | str],
    losses: Sequence[float] | None = None,
    columns: Record | None = None,
) -> list[Record]:
    """Return one record per norm, with a loss that stands where none is given."""
    losses = losses if losses is not None else [2.0] * len(norms)
    return [
        {"step": step, "train/loss": float(loss), "grad_norm": norm, **(columns or {})}
        for step, (norm, loss) in enumerate(zip(norms, losses, strict=True))
    ]


def _norms(*jumps: tuple[int, int, float], length: int = 400) -> list[float | str]:
    """Return norms around 1 that are multiplied between some steps."""
    norms = np.random.default_rng(0).lognormal(0, 0.3, length)
    for start, stop, factor in jumps:
        norms[start:stop] *= factor
    told: list[float | str] = norms.tolist()
    return told


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_three_records_a_hundred_times_the_usual_norm_are_an_explosion() -> None:
    event, *_ = _events(_log(_norms((300, 303, 500.0))))
    assert (event.kind, event.onset, event.severity.word) == ("opened", 300, "warning")
    assert event.evidence["how"] == "sudden"
    assert event.evidence["ratio"] > 100


def test_two_records_are_a_bad_batch() -> None:
    assert not _events(_log(_norms((300, 302, 500.0), (340, 341, 300.0))))


def test_one_record_a_thousand_times_beyond_all_others_is_told() -> None:
    opened, cleared = _events(_log(_norms((340, 341, 5e4))))
    assert (opened.onset, opened.severity.word, cleared.kind) == (340, "warning", "cleared")


def test_a_record_that_ends_a_tail_is_not_told() -> None:
    tail = _norms((250, 251, 60.0), (290, 291, 200.0), (340, 341, 2e3))
    assert not _events(_log(tail))


def test_one_record_of_a_run_with_a_loss_scale_is_not_told() -> None:
    assert not _events(_log(_norms((340, 341, 5e4)), columns={"amp/scale": 1024.0}))


def test_what_lasts_is_an_error_and_what_comes_back_is_over() -> None:
    events = _events(_log(_norms((300, 345, 500.0))))
    assert [(e.kind.value, e.severity.word) for e in events] == [
        ("opened", "warning"),
        ("worsened", "error"),
        ("cleared", "error"),
    ]


def test_norms_that_end_in_nan_count_from_where_they_grew() -> None:
    norms = _norms((300, 301, 1e4))
    norms[301:] = ["Infinity", *["NaN"] * 98]
    event, *_ = _events(_log(norms))
    assert (event.onset, event.evidence["value"]) == (300, "Infinity")


@pytest.mark.parametrize("cut", [0, 1])
def test_infinite_norms_among_usual_ones_are_an_explosion(cut: int) -> None:
    norms = _norms()
    norms[300:303] = ["Infinity"] * 3
    event = replay(RULE, _log(norms), cut=cut)[0].event
    assert (event.onset, event.evidence["value"]) == (300, "Infinity")


def test_nan_out_of_nowhere_is_left_to_another_rule() -> None:
    norms = _norms()
    norms[300:] = ["NaN"] * 100
    assert not _events(_log(norms))


def test_infinite_norms_are_ordinary_under_a_loss_scale() -> None:
    norms = _norms()
    norms[300:304] = ["Infinity"] * 4
    assert not _events(_log(norms, columns={"amp/scale": 1024.0}))


def test_a_run_that_leaves_a_plateau_learns() -> None:
    losses = 2.0 * np.exp(-np.clip(np.arange(400) - 296, 0, None) / 40)
    assert not _events(_log(_norms((300, 400, 500.0)), losses.tolist()))


def test_what_explodes_from_the_start_is_told_once_the_warm_up_is_over() -> None:
    grown = np.array(_norms(), float) * np.minimum(1.1 ** np.arange(400), 1e3)
    event, *_ = _events(_log(grown.tolist()))
    assert (event.evidence["how"], event.row < 150) == ("start", True)
    assert event.onset < 50


def test_a_norm_that_grows_with_a_loss_that_falls_is_ordinary() -> None:
    grown = np.array(_norms(), float) * np.minimum(1.1 ** np.arange(400), 60)
    assert not _events(_log(grown.tolist(), (3.0 / (1 + np.arange(400))).tolist()))


@pytest.mark.parametrize(("rate", "told"), [(1e-3, True), (0.0, False)])
def test_steady_growth_is_told_unless_the_learning_rate_falls(rate: float, told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    step = np.arange(3_000)
    norms = np.array(_norms(length=3_000), float)
    norms *= 10 ** (np.clip(step - 1_000, 0, None) / 300 * 0.6)
    losses = np.where(step < 900, 2.0 - step / 900, 1.0)
    header: Record = {"trainmon": 1, "config": {"total_steps": 3_000}}
    records = _log(norms.tolist(), losses.tolist())
    rates = np.where(rate, rate, 1e-3 * 0.99**step)
    records = [r | {"lr": float(lr)} for r, lr in zip(records, rates, strict=True)]
    found = [e.evidence["how"] for e in _events([header, *records]) if e.kind == "opened"]
    assert found == (["steady"] if told else [])


def test_the_layer_with_the_largest_gradient_is_named() -> None:
    records = _log(_norms((300, 310, 500.0)))
    records[301] |= {"grad_norm/stem.weight": 1.0, "grad_norm/qkv_proj.weight": 480.0}
    assert _events(records)[0].evidence["layer"] == "qkv_proj.weight"


@pytest.mark.parametrize("seed", range(5))
def test_heavy_tails_are_ordinary(seed: int) -> None:
    norms = np.random.default_rng(seed).lognormal(0, 1.5, 3_000)
    assert not _events(_log(norms.tolist()))


def test_a_new_baseline_is_learned_after_a_resume() -> None:
    again = [record | {"grad_norm": 300.0} for record in _log(_norms())]
    assert not _events([*_log(_norms()), {"event": "resume", "step": 400}, *again])
