"""The rule for values that are the same to the last bit: when that is a fault, and when not."""

import numpy as np

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("frozen-metric")


def _log(rounds: int = 12, *, train: float = 0.7, **metrics: list[float] | float) -> list[Record]:
    """Return a log of evaluations every 60 steps; a number stands for the same in all of them."""
    noise = np.random.default_rng(0).normal(0, 0.02, 60 * rounds)
    records: list[Record] = []
    for step in range(1, 60 * rounds + 1):
        records.append({"step": step, "train/loss": train + float(noise[step - 1])})
        if step % 60 == 0:
            at = step // 60 - 1
            values = {
                name.replace("_", "/", 1): value[at] if isinstance(value, list) else value
                for name, value in metrics.items()
            }
            records.append({"step": step, **values})
    return records


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def _first(records: list[Record]) -> tuple[str, str | None, int]:
    event = _events(records)[0]
    return event.severity.word, event.metric, int(event.evidence["evaluations"])


def test_a_validation_loss_is_told_at_the_third_equal_evaluation() -> None:
    records = _log(val_loss=0.69314718)
    assert _first(records) == ("warning", "val/loss", 3)
    first = _events(records)[0]
    assert (first.onset, first.evidence["before"]) == (60, 0)


def test_from_the_fifth_on_it_is_an_error() -> None:
    words = [event.severity.word for event in _events(_log(val_loss=0.69314718))]
    assert words[0] == "warning"
    assert words[-1] == "error"


def test_one_finding_stands_for_all_metrics_that_are_frozen() -> None:
    events = _events(_log(val_loss=0.69314718, val_f1=0.2871, val_accuracy=0.4365))
    assert {event.metric for event in events} == {"val/loss"}
    assert events[0].evidence["also"] == ["val/f1", "val/accuracy"]


def test_a_metric_that_never_moves_is_told_where_the_loss_does() -> None:
    severity, metric, count = _first(_log(val_accuracy=0.4365))
    assert (severity, metric) == ("warning", "val/accuracy")
    assert count <= 6


def test_a_loss_that_is_exactly_0_in_all_records_is_an_error() -> None:
    records: list[Record] = [{"step": step, "train/loss": 0.0} for step in range(100)]
    event, *_ = _events(records)
    assert (event.severity.word, event.metric, event.row) == ("error", "train/loss", 15)


def _zeros(**beside: float) -> list[Event]:
    rows: list[Record] = [{"step": 5 * at, "train/loss": 0.0, **beside} for at in range(40)]
    return [event for event in _events(rows) if event.metric == "train/loss"]


def test_a_loss_of_0_may_be_a_small_one_that_was_rounded() -> None:
    for beside in ({"val/loss": 4e-5}, {"grad_norm": 4e-4}, {"val/accuracy": 0.99}):
        assert {event.severity.word for event in _zeros(**beside)} == {"info"}
    for other in ({"val/loss": 0.7}, {"grad_norm": 0.0}, {"val/accuracy": 0.5}, {}):
        assert _zeros(**other)[0].severity.word == "error"


def test_a_validation_loss_of_0_beside_a_perfect_metric_is_only_worth_knowing() -> None:
    fine = _events(_log(val_loss=0.0, val_accuracy=1.0, train=0.0))
    assert {event.severity.word for event in fine} == {"info"}
    assert _first(_log(val_loss=0.0, val_accuracy=0.5))[0] == "warning"


def test_a_loss_that_was_once_another_is_not_frozen_from_the_start() -> None:
    assert not _events([{"step": step, "train/loss": float(step < 3)} for step in range(100)])


def test_metrics_that_are_nearly_perfect_or_0_stay_quiet() -> None:
    assert not _events(_log(val_accuracy=0.995, val_auroc=1.0, val_f1=0.0, val_precision=0.95))


def test_a_metric_that_has_moved_and_settles_stays_quiet() -> None:
    assert not _events(_log(val_accuracy=[0.21, 0.5123, 0.7118, *[0.8333333] * 9]))


def test_of_few_examples_it_is_only_worth_knowing() -> None:
    told = {"event": "evaluation", "n": 30}
    records = [{"step": 1, **told}, *_log(val_accuracy=0.7333333)]
    assert {event.severity.word for event in _events(records)} == {"info"}
    assert {event.severity.word for event in _events(_log(val_accuracy=0.85))} == {"info"}


def test_a_rare_class_that_is_not_predicted_yet_is_only_worth_knowing() -> None:
    falling = [0.5 - 0.03 * n for n in range(12)]
    events = _events(_log(val_loss=falling, val_balanced_accuracy=0.5012))
    assert {event.severity.word for event in events} == {"info"}


def test_a_ranking_that_never_moves_is_told_though_the_loss_falls() -> None:
    falling = [0.75 - 0.03 * n for n in range(12)]
    events = _events(_log(val_loss=falling, val_auroc=0.526017))
    assert (events[0].metric, events[-1].severity.word) == ("val/auroc", "warning")


def test_the_end_of_a_schedule_may_change_no_bit() -> None:
    losses = [1 / n for n in range(1, 9)] + [0.1234567] * 4
    records = [{"trainmon": 1, "config": {"total_steps": 720}}, *_log(val_loss=losses)]
    for record in records[1:]:
        record["lr"] = 1e-3 if record["step"] < 480 else 1e-9
    assert not _events(records)


def test_it_clears_when_the_metric_moves() -> None:
    events = _events(_log(val_loss=[*[0.69314718] * 6, 0.5, 0.4, 0.35, 0.3, 0.28, 0.25]))
    assert events[-1].kind == "cleared"


def test_a_loss_of_few_digits_may_repeat() -> None:
    assert not _events(_log(val_loss=[0.3, 0.21, 0.17, 0.16, 0.15, 0.15, 0.15, 0.15, *[0.14] * 4]))


def _coarse_error(rounds: int = 12, samples: float = 1_170) -> list[float]:
    """Return mean errors of whole ranks, three of which in a row are the same."""
    wrong = [600 - 30 * at for at in range(rounds)]
    wrong[-3:] = [wrong[-3]] * 3
    return [each / samples for each in wrong]


def test_a_mean_error_of_whole_ranks_comes_again_while_the_validation_loss_moves() -> None:
    losses = [0.9 - 0.01 * at for at in range(12)]
    assert not _events(_log(val_loss=losses, val_mae=_coarse_error()))
    assert _first(_log(val_loss=0.69314718, val_mae=_coarse_error()))[1] == "val/loss"


def test_a_mean_error_that_never_moved_is_told_though_the_validation_loss_moves() -> None:
    losses = [0.9 - 0.01 * at for at in range(12)]
    assert _first(_log(val_loss=losses, val_mae=271 / 1_170)) == ("warning", "val/mae", 3)


def test_a_number_of_single_precision_has_the_digits_it_was_rounded_to() -> None:
    errors = [float(np.float32(round(each, 3))) for each in _coarse_error()]
    assert not _events(_log(val_mae=errors))


def test_a_loss_that_stands_once_nothing_is_left_to_learn_is_only_worth_knowing() -> None:
    def log_of(end: float) -> list[Record]:
        losses = [2.3] * 60 + [end] * 660
        rounds = [0.03, *[1.7881391e-9] * 11]
        evaluated = zip(range(60, 721, 60), rounds, strict=True)
        records: list[Record] = [{"step": n, "train/loss": x} for n, x in enumerate(losses, 1)]
        records += [{"step": step, "val/loss": loss} for step, loss in evaluated]
        return sorted(records, key=lambda record: float(str(record["step"])))

    assert {event.severity.word for event in _events(log_of(1e-8))} == {"info"}
    assert _events(log_of(0.7))[-1].severity.word == "error"


def test_a_perplexity_that_is_cut_off_does_not_stand() -> None:
    falling = [260.0 - 15 * at for at in range(12)]
    assert not _events(_log(train=200.0, val_loss=falling, val_ppl=5.1847055e21))
    assert _events(_log(train=3.0, val_loss=falling, val_ppl=23.4567))
