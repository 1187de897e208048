"""The rule for the first loss: what it is compared with, and what explains a high one."""

from collections.abc import Sequence

import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("init-loss-high")
TEN: Record = {"num_classes": 10, "loss": "cross-entropy"}


def _log(losses: Sequence[float], config: Record, first: int = 1) -> list[Record]:
    records: list[Record] = [{"trainmon": 1, "config": config}]
    return records + [{"step": first + at, "train/loss": loss} for at, loss in enumerate(losses)]


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def _falling(start: float, length: int = 60) -> list[float]:
    return [2.0 + (start - 2.0) * 0.9**at for at in range(length)]


def test_a_first_loss_of_ten_times_the_chance_level_is_a_warning() -> None:
    event, *_ = _events(_log(_falling(25.0), TEN))
    assert (event.severity.word, event.onset, event.metric) == ("warning", 1, "train/loss")
    assert event.evidence["level"] == "ln 10"
    assert event.evidence["ratio"] == pytest.approx(9.8, abs=0.5)


def test_it_is_over_when_the_loss_has_come_down() -> None:
    *_, last = _events(_log(_falling(25.0), TEN))
    assert last.kind == "cleared"


@pytest.mark.parametrize("start", [2.3, 3.5, 5.0])
def test_up_to_twice_the_chance_level_is_ordinary(start: float) -> None:
    assert not _events(_log(_falling(start), TEN))


@pytest.mark.parametrize(("accum", "world"), [(8, 1), (4, 2)])
def test_a_sum_over_accumulated_batches_is_left_to_another_rule(accum: int, world: int) -> None:
    config = TEN | {"accum": accum, "world_size": world}
    assert not _events(_log([8 * 2.31] * 40, config))


def test_a_sum_over_the_batch_is_info_and_says_so() -> None:
    event, *_ = _events(_log([64 * 2.31] * 40, TEN | {"batch_size": 64}))
    assert (event.severity.word, event.evidence["summed_over"]) == ("info", "the batch of 64")


@pytest.mark.parametrize(("start", "word"), [(10.0, "info"), (50.0, "warning")])
def test_a_loss_that_nobody_named_takes_more(start: float, word: str) -> None:
    assert _events(_log([start] * 40, {"num_classes": 10}))[0].severity.word == word


@pytest.mark.parametrize(
    "config",
    [
        TEN | {"class_weights": "balanced"},
        TEN | {"loss": "arcface cross-entropy"},
        {"loss": "ctc", "vocab_size": 32},
        {"loss": "focal", "num_classes": 10},
        {},
    ],
)
def test_losses_without_a_known_level_are_not_judged(config: Record) -> None:
    assert not _events(_log([60.0] * 40, config))


def test_a_loss_of_several_parts_is_not_judged() -> None:
    records = _log([60.0] * 40, TEN)
    assert not _events([r | {"train/loss/box": 50.0} if "step" in r else r for r in records])


def test_a_log_that_begins_late_shows_no_first_loss() -> None:
    assert not _events(_log(_falling(25.0), TEN, first=5_000))


def test_classes_that_an_evaluation_tells_are_enough() -> None:
    told: Record = {"event": "evaluation", "confusion": [[90, 0], [10, 0]], "n": 100}
    records = [*_log([20.0] * 40, {"loss": "bce"}), told]
    event, *_ = _events(records)
    assert (event.row, event.evidence["level"]) == (len(records) - 1, "ln 2")


def test_rare_positives_do_not_make_a_guess_look_bad() -> None:
    told: Record = {"event": "evaluation", "confusion": [[990, 0], [10, 0]], "n": 1000}
    assert not _events([*_log([0.72] * 40, {"loss": "bce"}), told])


def test_a_squared_error_is_compared_with_the_variance_of_the_target() -> None:
    told: Record = {"event": "evaluation", "target": {"std": 2.0}, "n": 100}
    event, *_ = _events([*_log([40.0] * 40, {"loss": "mse"}), told])
    assert event.evidence["ratio"] == 10.0


def _evaluated(accuracy: float, *, summed: bool) -> list[Event]:
    """Return what is said of a loss that begins at 64 times ln 10 and falls to a tenth of that."""
    records = _log([], TEN | {"batch_size": 64})
    for step in range(1, 401):
        loss = 64 * 2.3 * (0.1 + 0.9 * 0.98**step)
        records.append({"step": step, "train/loss": loss})
        if step % 50 == 0:
            right = accuracy if not summed else 1 - 0.8 * loss / 64 / 2.3
            records.append({"step": step, "val/loss": loss, "val/accuracy": right})
    return _events(records)


def test_errors_that_cost_more_than_a_mean_over_the_batch_prove_that_it_is_none() -> None:
    first, second, *_ = _evaluated(0.3, summed=False)
    assert (first.severity.word, second.severity.word) == ("info", "warning")
    assert second.title.endswith("and is no sum over the batch")
    assert second.evidence["summed_over"] == "nothing"


def test_a_sum_over_the_batch_stays_one_while_its_errors_fit() -> None:
    assert {event.severity.word for event in _evaluated(0.0, summed=True)} == {"info"}


def test_a_first_loss_at_the_chance_level_clears_the_weights_of_what_the_first_update_did() -> None:
    thrown_off = [900.0, 200.0, 80.0, 60.0, 40.0, 30.0, 30.0] + [20.0] * 32
    assert not _events(_log([2.4, *thrown_off], TEN))
    # A batch that happens to be right says nothing of weights that are sure and wrong.
    assert _events(_log([0.2, *thrown_off], TEN))


def _language_model(first: float, perplexity: float) -> list[Record]:
    """Return a log of a loss that falls to half, with an evaluation behind 16 steps."""
    losses = [first * (0.5 + 0.5 * 0.95**at) for at in range(80)]
    records: list[Record] = [{"step": at, "train/loss": loss} for at, loss in enumerate(losses, 1)]
    return [*records[:16], {"step": 16, "val/ppl": perplexity}, *records[16:]]


def test_a_perplexity_beyond_all_vocabularies_tells_that_the_first_loss_is_no_sum() -> None:
    event, *_ = _events(_language_model(700.0, 5.1847055e21))
    assert (event.severity.word, event.onset) == ("warning", 0)
    assert event.evidence["level"] == "ln 1,000,000 (tokens)"
    assert not _events(_language_model(700.0, 30.0)), "a sum over tokens"
    assert not _events(_language_model(20.0, 4e6)), "hardly above the level"
