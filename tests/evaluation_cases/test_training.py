import pickle
from pathlib import Path

import pytest

from tests.evaluation.case import Variant
from tests.evaluation.cases import Job, cases, jobs, outcome_of, trained
from tests.evaluation.training.loop import UPDATES_EVERY
from tests.evaluation.variants import told
from trainmon.store.batch import Record

JOB = Job("nan-in-a-batch", "yields", seed=1, turn=1)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(outcome_of(JOB).records)


def test_the_same_seed_trains_the_same(records: list[Record]) -> None:
    assert list(outcome_of(JOB).records) == records


def test_a_training_from_the_shelf_is_the_one_that_was_put_there(tmp_path: Path) -> None:
    fresh = trained(JOB, tmp_path)
    (kept,) = tmp_path.iterdir()
    assert trained(JOB, tmp_path) == fresh
    assert list(tmp_path.iterdir()) == [kept]


def test_what_was_planted_is_in_the_log_from_its_onset_on(records: list[Record]) -> None:
    (case, *_) = trained(JOB)
    assert case.fault is not None
    onset = case.fault.onset_step
    losses = {r["step"]: r["train/loss"] for r in records if "train/loss" in r}
    assert losses[onset - 1] != "NaN"
    assert losses[onset] == "NaN"


def test_every_tenth_step_keeps_evaluations_and_events(records: list[Record]) -> None:
    thinned = told(records, Variant(every=10))
    steps = [r["step"] for r in thinned if "train/loss" in r]
    assert steps[:3] == [1, 11, 21]
    others = [r for r in records if "train/loss" not in r]
    assert [r for r in thinned if "train/loss" not in r] == others


def test_a_log_without_a_configuration_still_has_its_header(records: list[Record]) -> None:
    assert told(records, Variant(config=False))[0]["config"] == {}


def test_a_log_without_gradients_tells_of_no_update_either(records: list[Record]) -> None:
    assert any("update_ratio" in record for record in records[: 2 * UPDATES_EVERY])
    names = {name for record in told(records, Variant(gradients=False)) for name in record}
    assert not {name for name in names if name.startswith(("grad_norm", "update_ratio"))}


def test_a_smoothed_loss_begins_with_the_first_one_and_stays_nan(records: list[Record]) -> None:
    smoothed = [r["train/loss"] for r in told(records, Variant(smoothing=0.9)) if "train/loss" in r]
    raw = [r["train/loss"] for r in records if "train/loss" in r]
    assert smoothed[0] == raw[0]
    assert smoothed[1] == pytest.approx(0.9 * raw[0] + 0.1 * raw[1])
    assert smoothed[-1] == "NaN"


def test_halves_share_no_seed_and_no_task() -> None:
    tuning, reported = jobs(half="tuning"), jobs(half="reported")
    assert not {job.seed for job in tuning} & {job.seed for job in reported}
    assert not {job.task for job in tuning} & {job.task for job in reported}


def test_only_names_the_recipes_that_are_trained(tmp_path: Path) -> None:
    found = list(cases(half="tuning", quick=True, only={JOB.recipe}, cache=tmp_path))
    assert {case.recipe for case in found} == {JOB.recipe}


def test_a_training_can_be_handed_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(JOB)) == JOB  # noqa: S301 - our own, made in this line


def test_a_quick_look_is_at_one_training_of_each_recipe() -> None:
    every, quick = jobs(half="tuning"), jobs(half="tuning", quick=True)
    assert [job.recipe for job in quick] == list(dict.fromkeys(job.recipe for job in every))
