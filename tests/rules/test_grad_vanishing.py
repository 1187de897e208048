"""The rule for vanishing gradients: of the whole model, and on the way to its first layers."""

from collections.abc import Sequence

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("grad-vanishing")


def _log(norms: Sequence[float], losses: Sequence[float], first_step: int = 0) -> list[Record]:
    return [
        {"step": first_step + at, "grad_norm": float(norm), "train/loss": float(loss)}
        for at, (norm, loss) in enumerate(zip(norms, losses, strict=True))
    ]


def _standing(length: int, level: float = 2.3) -> list[float]:
    """Return a loss that stands, with the noise of batches."""
    noisy: list[float] = np.random.default_rng(0).normal(level, 0.02, length).tolist()
    return noisy


def _falling(length: int) -> list[float]:
    loss: list[float] = (2.3 * np.exp(-np.arange(length) / 150)).tolist()
    return loss


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def test_a_norm_that_drops_to_nothing_is_an_error_from_there_on() -> None:
    event, *_ = _events(_log([1.0] * 250 + [0.0] * 250, _standing(500)))
    assert (event.severity.word, event.onset) == ("error", 250)
    assert event.row < 360


def test_a_tiny_norm_is_a_warning_while_the_loss_stands() -> None:
    event, *_ = _events(_log([1e-9] * 400, _standing(400)))
    assert (event.severity.word, event.evidence["median"]) == ("warning", 1e-9)


def test_a_tiny_norm_of_a_run_that_has_converged_is_ordinary() -> None:
    assert not _events(_log(np.geomspace(1, 1e-12, 900).tolist(), _falling(900)))


def test_a_norm_of_0_in_all_records_with_a_loss_that_falls_is_not_measured() -> None:
    assert not _events(_log([0.0] * 600, _falling(600)))


def test_a_norm_of_0_in_all_records_with_a_loss_that_never_moves_is_a_warning() -> None:
    event, *_ = _events(_log([0.0] * 600, _standing(600)))
    assert event.severity.word == "warning"
    assert event.title.endswith("and the loss never moved")


def test_nothing_is_said_of_a_norm_of_0_in_a_log_that_begins_late() -> None:
    assert not _events(_log([0.0] * 600, _standing(600), first_step=29_000))


def test_a_norm_that_comes_back_clears_it() -> None:
    *_, last = _events(_log([1.0] * 250 + [0.0] * 150 + [1.0] * 200, _standing(600)))
    assert last.kind == "cleared"


def _layered(layers: dict[str, float], losses: Sequence[float], every: int = 50) -> list[Record]:
    """Return a log with an ordinary norm, and the gradients of the layers now and then."""
    records = _log([0.5] * len(losses), losses)
    for record in records[::every]:
        record |= {f"grad_norm/{name}": norm for name, norm in layers.items()}
    return records


def test_layers_that_get_nothing_are_counted_at_the_third_look() -> None:
    layers = {"0.weight": 0.0, "0.bias": 0.0, "2.weight": 0.0, "2.bias": 0.0, "4.bias": 0.3}
    event, *_ = _events(_layered(layers, _standing(400)))
    assert (event.row, event.severity.word) == (100, "warning")
    assert (event.evidence["layers_dead"], event.evidence["layers"]) == (4, 5)
    assert (event.metric, event.evidence["layer"]) == ("grad_norm/0.weight", "0.weight")


SIGMOIDS = {f"{2 * at}.weight": 10.0 ** (at - 10) for at in range(11)}
"""Gradients of a network of ten sigmoids, each of which lets a tenth through."""


def test_first_layers_that_get_a_millionth_are_told_behind_the_warm_up() -> None:
    event, *_ = _events(_layered(SIGMOIDS, _standing(400)))
    assert (event.row, event.severity.word) == (150, "warning")
    assert event.evidence["ratio"] == pytest.approx(1e-8)
    assert event.evidence["layer"] == "0.weight"


def test_starved_layers_of_a_run_that_learns_are_info() -> None:
    assert {e.severity.word for e in _events(_layered(SIGMOIDS, _falling(400)))} == {"info"}


@pytest.mark.parametrize("ratio", [1e-3, 1.0, 1e3])
def test_layers_whose_gradients_differ_a_thousandfold_are_ordinary(ratio: float) -> None:
    layers = {f"{at}.weight": ratio**at for at in np.linspace(0, 1, 12)}
    assert not _events(_layered(layers, _standing(400)))


def test_experts_that_rest_in_turn_are_ordinary() -> None:
    records = _log([0.5] * 600, _standing(600))
    rng = np.random.default_rng(0)
    for record in records[::50]:
        record |= {f"grad_norm/expert{at}": float(rng.random() < 0.4) for at in range(8)}
    assert not _events(records)


def test_looks_at_layers_get_rarer() -> None:
    records = _layered(SIGMOIDS, _standing(3_000), every=10)
    healthy = {f"grad_norm/{name}": 1.0 for name in SIGMOIDS}
    for record in records[2_000::10]:
        record.update(healthy)
    *_, last = _events(records)
    assert last.kind == "cleared"
    assert last.row > 2_000
