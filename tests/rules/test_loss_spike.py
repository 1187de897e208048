"""The rule for jumps of the training loss: which are told, and which are ordinary."""

import numpy as np
import pytest

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("loss-spike")


def _events(records: list[Record]) -> list[Event]:
    return [decision.event for decision in replay(RULE, records)]


def _told(records: list[Record]) -> list[tuple[str, int, str]]:
    return [(e.kind.value, e.onset, e.severity.word) for e in _events(records)]


def _log(*jumps: tuple[int, int, float], length: int = 900, **columns: list[float]) -> list[Record]:
    """Return a loss of 1 with a little noise that is multiplied between some steps."""
    loss = np.random.default_rng(0).normal(1.0, 0.05, length)
    for start, stop, factor in jumps:
        loss[start:stop] *= factor
    rows = [{"step": step, "train/loss": float(value)} for step, value in enumerate(loss)]
    return [
        row | {name: values[step] for name, values in columns.items()}
        for step, row in enumerate(rows)
    ]


def test_a_spike_that_is_over_at_once_is_info() -> None:
    told = _told(_log((300, 302, 5.0)))
    assert told == [("opened", 300, "info"), ("cleared", 300, "info")]


def test_a_spike_that_stays_becomes_a_warning_after_fifty_samples() -> None:
    events = _events(_log((300, 900, 5.0)))
    assert [(e.kind.value, e.row) for e in events] == [("opened", 300), ("worsened", 350)]


def test_a_spike_that_is_over_late_stays_a_warning_and_clears() -> None:
    told = _told(_log((300, 500, 5.0)))
    assert told[-1] == ("cleared", 300, "warning")


def test_a_fall_of_the_loss_is_no_spike() -> None:
    assert not _events(_log((300, 900, 0.2)))


def test_a_step_at_an_epoch_border_is_ordinary() -> None:
    epochs = [step / 300 for step in range(900)]
    assert not _events(_log((300, 303, 5.0), epoch=epochs))


def test_a_spike_within_an_epoch_told_in_whole_numbers_is_told() -> None:
    epochs = [float(step // 300) for step in range(900)]
    assert _told(_log((400, 403, 5.0), epoch=epochs))[0] == ("opened", 400, "info")


def test_a_spike_between_records_that_are_epochs_is_told() -> None:
    epochs = [float(step) for step in range(900)]
    assert _told(_log((400, 403, 5.0), epoch=epochs))[0] == ("opened", 400, "info")


def test_a_restart_of_the_schedule_excuses_the_rise_of_the_loss() -> None:
    rates = [0.1 * (1 - (step % 300) / 301) for step in range(900)]
    assert not _events(_log((312, 380, 2.0), lr=rates))


def test_a_spike_in_a_long_warm_up_is_told() -> None:
    rates = [1e-4 * (step + 1) for step in range(900)]
    assert _told(_log((300, 303, 5.0), lr=rates))[0] == ("opened", 300, "info")


def test_a_smoothed_log_has_no_spikes_that_stay() -> None:
    raw = np.random.default_rng(1).lognormal(0, 0.8, 900)
    level, smooth = 1.0, list[Record]()
    for value in raw:
        level += 0.05 * (value - level)
        smooth.append({"step": len(smooth), "train/loss": float(level)})
    assert all(severity == "info" for _, _, severity in _told(smooth))


def test_after_a_resume_a_new_baseline_is_learned_and_the_old_spike_is_left_behind() -> None:
    records = _log((300, 400, 5.0))
    records.insert(400, {"event": "resume", "step": 300})
    *_, last = _events(records)
    assert (last.kind, last.row, last.onset) == ("cleared", 401, 300)


def test_a_level_that_has_become_the_new_one_is_taken_back_by_a_resume() -> None:
    records = _log((100, 900, 5.0))
    records += [{"event": "resume"}, *_log(length=100)]
    assert [event.kind for event in _events(records)] == ["opened", "worsened", "cleared"]


def test_numbers_near_the_largest_float_do_no_harm() -> None:
    assert _told(_log((300, 303, 1e308)))[0] == ("opened", 300, "warning")


def test_the_batch_of_a_spike_and_its_gradient_are_told() -> None:
    epochs = [(step + 1) / 250 for step in range(900)]
    norms = [40.0 if step == 330 else 2.0 for step in range(900)]
    event, *_ = _events(_log((330, 331, 5.0), epoch=epochs, grad_norm=norms))
    assert event.title.endswith("at batch 80 of 250")
    assert (event.evidence["grad_norm"], event.evidence["grad_median"]) == (40.0, 2.0)


@pytest.mark.parametrize("cut", [1, 7, 0])
def test_records_that_come_one_by_one_are_judged_as_in_one_read(cut: int) -> None:
    records = [{"step": -1}, *_log((300, 303, 5.0), (500, 600, 5.0))]
    records[250:250] = [{"train/loss": "NaN"}] * 3
    kinds = [d.event.kind for d in replay(RULE, records, cut=cut)]
    assert kinds == ["opened", "cleared", "opened", "worsened", "cleared"]


FAR = [(step, step + 1, 28.0) for step in range(130, 900, 110)]
"""Single batches with many times the usual loss."""


def test_far_jumps_that_come_again_are_a_warning_from_the_third_on() -> None:
    opened = [event for event in _events(_log(*FAR)) if event.kind == "opened"]
    assert [event.severity.word for event in opened] == ["info"] * 2 + ["warning"] * 5
    assert opened[-1].evidence["spikes"] == 7
    assert 0.2 < opened[-1].evidence["share"] < 0.25


def test_each_far_jump_is_over_at_once_all_the_same() -> None:
    assert _told(_log(*FAR))[-2:] == [("opened", 790, "warning"), ("cleared", 790, "warning")]


def test_a_far_jump_at_one_batch_of_each_epoch_is_told_as_that() -> None:
    epochs = [(step + 1) / 110 for step in range(900)]
    event = _events(_log(*FAR, epoch=epochs))[-2]
    assert "at batch 20 of 110, as in 6 epochs before" in event.title
    assert event.evidence["same_batch"] == 7


def test_far_jumps_that_are_moved_about_are_told_as_such() -> None:
    epochs = [(step + 1) / 150 for step in range(900)]
    event = _events(_log(*FAR, epoch=epochs))[-2]
    assert event.severity.word == "warning"
    assert "same_batch" not in event.evidence


def test_jumps_below_the_loss_of_an_untrained_model_are_info_however_often() -> None:
    records = _log(*FAR)
    for record in records[:20]:
        record["train/loss"] = 30.0
    assert {event.severity.word for event in _events(records)} == {"info"}


def test_far_jumps_that_make_up_little_are_info() -> None:
    rare = _log(*[(step, step + 1, 15.0) for step in (130, 250, 335, 470, 610, 702, 850)])
    assert {event.severity.word for event in _events(rare)} == {"info"}


def test_the_same_batch_of_each_epoch_needs_neither_epochs_nor_weight() -> None:
    events = _events(_log(*[(step, step + 1, 12.0) for step in range(130, 900, 110)]))
    told = [event for event in events if event.kind == "opened"]
    assert [event.severity.word for event in told] == ["info"] * 3 + ["warning"] * 4
    assert "as every 110 records before: 4 such jumps" in told[3].title


def test_a_hard_batch_of_each_epoch_is_info_below_what_an_untrained_model_loses() -> None:
    records = _log(*[(step, step + 1, 12.0) for step in range(130, 900, 110)])
    for record in records[:20]:
        record["train/loss"] = 15.0
    assert {event.severity.word for event in _events(records)} == {"info"}


def test_one_loss_far_beyond_all_others_is_a_warning() -> None:
    opened, cleared = _events(_log((400, 401, 60.0)))
    assert (opened.severity.word, opened.evidence["alone"]) == ("warning", True)
    assert opened.title.endswith("times the usual, where no other batch comes near")
    assert (cleared.kind, cleared.row) == ("cleared", 401)


def test_one_far_loss_is_info_where_others_come_near() -> None:
    opened, *_ = _events(_log((350, 351, 5.0), (400, 401, 60.0)))[2:]
    assert opened.severity.word == "info"


def test_no_border_of_an_epoch_makes_a_loss_sixty_times_the_usual() -> None:
    epochs = [step / 200 for step in range(900)]
    assert not _events(_log((400, 401, 5.0), epoch=epochs))
    assert _events(_log((400, 401, 60.0), epoch=epochs))[0].severity.word == "warning"


@pytest.mark.parametrize("seed", range(10))
def test_a_tail_of_losses_is_no_trouble(seed: int) -> None:
    tail = 0.3 + np.random.default_rng(seed).pareto(1.0, 3_000)
    records: list[Record] = [
        {"step": step, "train/loss": loss} for step, loss in enumerate(tail.tolist())
    ]
    assert {severity for _, _, severity in _told(records)} <= {"info"}


@pytest.mark.parametrize("cut", [1, 7, 0])
def test_far_jumps_are_counted_alike_however_the_log_is_read(cut: int) -> None:
    told = [d.event.title for d in replay(RULE, _log(*FAR), cut=cut)]
    assert told == [event.title for event in _events(_log(*FAR))]


@pytest.mark.parametrize(("apart", "records"), [(1, 50), (2, 25), (10, 16), (50, 16)])
def test_a_spike_that_stays_is_a_warning_after_fifty_steps(apart: int, records: int) -> None:
    log = [record | {"step": apart * record["step"]} for record in _log((300, 900, 5.0))]
    last = _events(log)[-1]
    assert (last.kind, last.row) == ("worsened", 300 + records)
    assert last.evidence["samples"] == records


def test_hard_batches_of_a_few_rare_records_are_over_soon() -> None:
    log = [record | {"step": 50 * record["step"]} for record in _log((300, 312, 5.0))]
    assert _told(log)[-1] == ("cleared", 300, "info")
