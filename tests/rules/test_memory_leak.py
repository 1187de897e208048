"""The rule for memory that grows without end: what is a leak, what only resembles one."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

RULE = load("memory-leak")
STEPS = np.arange(800.0)

Bytes = NDArray[np.float64]


def _log(used: Bytes, name: str = "sys/rss", total: float | None = 64e9) -> list[Record]:
    """Return readings with each step, in epochs of 40 steps."""
    noise = np.random.default_rng(0).normal(0, 2e7, len(used))
    more = {} if total is None else {f"{name.rpartition('/')[0]}/mem_total": total}
    return [
        {"step": step, "epoch": step / 40, "time": 1e9 + step, name: value} | more
        for step, value in enumerate((used + noise).tolist())
    ]


def _events(records: Sequence[Record], **config: float) -> list[Event]:
    header: Record = {"trainmon": 1, "config": config}
    return [decision.event for decision in replay(RULE, [header, *records])]


def test_a_process_that_grows_by_half_is_a_warning() -> None:
    event, *_ = _events(_log(5e9 + 1e7 * STEPS))
    assert (event.severity.word, event.metric, event.onset) == ("warning", "sys/rss", 41)
    assert event.evidence["per_step"] == pytest.approx(1e7, rel=0.05)
    assert event.evidence["per_hour"] == pytest.approx(3.6e10, rel=0.05)


def test_it_is_said_when_the_memory_will_be_full_before_the_end() -> None:
    event, *_ = _events(_log(30e9 + 4e7 * STEPS), total_steps=1_000)
    assert event.evidence["full_before_end"]
    assert event.evidence["full_at_step"] == pytest.approx(34e9 / 4e7, rel=0.05)
    assert "reaches" in event.title


def test_growth_that_fits_into_the_memory_and_is_no_half_is_no_trouble() -> None:
    assert not _events(_log(30e9 + 1e7 * STEPS), total_steps=1_000)


@pytest.mark.parametrize("name", ["sys/gpu0/mem_used", "sys/gpu0/mem_reserved"])
def test_a_card_is_judged_likewise(name: str) -> None:
    event, *_ = _events(_log(20e9 + 6e7 * STEPS, name, 80e9))
    assert (event.metric, event.evidence["of"]) == (name, "gpu")


def test_a_leak_may_be_told_by_other_projects_without_a_limit() -> None:
    event, *_ = _events(_log(5e9 + 1e7 * STEPS, "memory", None))
    assert event.metric == "memory"


@pytest.mark.parametrize(
    "used",
    [
        5e9 + 3e9 * (1 - np.exp(-STEPS / 60)),
        5e9 + 4e9 * np.minimum(STEPS, 40) / 40,
        5e9 + 6e9 * (STEPS > 300),
        5e9 + 1e7 * (STEPS % 100),
        5e9 + 5e9 * np.floor(STEPS / 300),
        9e9 - 5e6 * STEPS,
        5e9 + 0 * STEPS,
        5e9 + 2e9 * np.log1p(STEPS),
    ],
    ids=["cache", "first epoch", "step", "saw", "two stairs", "falling", "flat", "log"],
)
@pytest.mark.parametrize("name", ["sys/rss", "sys/gpu0/mem_used"])
def test_memory_that_only_resembles_a_leak(used: Bytes, name: str) -> None:
    assert not _events(_log(used, name, 90e9))


def test_garbage_that_is_collected_does_not_hide_a_leak() -> None:
    assert _events(_log(5e9 + 1e7 * STEPS + 1e8 * (STEPS % 13)))


def test_the_host_is_told_of_where_the_process_does_not_account_for_it() -> None:
    grown = 5e9 + 3e7 * STEPS
    records = _log(grown, "sys/mem_used")
    with_process = [r | {"sys/rss": r["sys/mem_used"] - 2e9} for r in records]
    with_workers = [r | {"sys/rss": 5e9} for r in records]
    assert {event.metric for event in _events(with_process)} == {"sys/rss"}
    assert {event.metric for event in _events(with_workers)} == {"sys/mem_used"}


def test_it_is_over_when_it_has_stopped_growing() -> None:
    records = _log(5e9 + 1e7 * np.minimum(STEPS, 400))
    assert [event.kind for event in _events(records)] == ["opened", "cleared"]


def test_a_run_of_few_readings_is_judged_too() -> None:
    steps = np.arange(0.0, 600.0, 11)
    records = [
        {"step": step, "epoch": step / 20, "sys/rss": 5e9 + 8e7 * step, "sys/mem_total": 64e9}
        for step in steps.tolist()
    ]
    assert _events(records, total_steps=600)


@pytest.mark.parametrize("cut", [1, 7, 64])
@pytest.mark.parametrize("epochs", [True, False])
def test_it_does_not_depend_on_the_cut(cut: int, epochs: bool) -> None:  # noqa: FBT001 - a variant
    rng = np.random.default_rng(cut)
    records: list[Record] = []
    for record in _log(5e9 + 1e7 * np.minimum(STEPS, 600)):
        place = {key: record[key] for key in ("step", "epoch")}
        records += [place | {"train/loss": 1.0}, {"sys/rss": record["sys/rss"]}]
        if not epochs:
            del place["epoch"], records[-2]["epoch"]
        if rng.random() < 0.3:
            records.pop()
    records.insert(900, {"event": "resume", "step": 450})
    assert replay(RULE, records, cut=cut) == replay(RULE, records)


def _filling(seconds: int, *, config: Record) -> list[Record]:
    """Return a run of two steps a second whose memory fills at once and then stays."""
    records: list[Record] = [{"trainmon": 1, "time": 1e9, "config": config}]
    for second in range(1_200):
        used = 4e9 + 26e9 * min(1.0, second / seconds)
        records += [{"time": 1e9 + second, "sys/rss": used, "sys/mem_total": 256e9}]
        records += [
            {"step": 2 * second + n, "time": 1e9 + second, "train/loss": 1.0} for n in (1, 2)
        ]
    return records


def test_a_cache_that_fills_in_the_first_part_of_a_run_is_no_leak() -> None:
    assert not _events(_filling(100, config={}))
    assert not _events(_filling(100, config={"total_steps": 2_400}))


def test_memory_that_goes_on_to_fill_is_one() -> None:
    assert _events(_filling(1_200, config={}))
    assert _events(_filling(1_200, config={"total_steps": 2_400}))


def test_the_first_epoch_is_known_by_its_steps_where_no_epochs_are_told() -> None:
    config = {"train_samples": 38_400, "batch_size": 32}
    assert not _events(_filling(600, config=config))
