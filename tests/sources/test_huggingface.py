import json
from pathlib import Path
from typing import Any

import pytest

from trainmon.endings import ending
from trainmon.record import EventKind
from trainmon.source import Head, Home
from trainmon.sources.huggingface import HuggingFaceSource
from trainmon.store.batch import Record
from trainmon.store.lane import Lane


def record(step: int, loss: float = 1.0) -> dict[str, Any]:
    return {"epoch": step / 100, "learning_rate": 1e-4, "loss": loss, "step": step}


def state(*history: dict[str, Any], **beside: Any) -> bytes:  # noqa: ANN401 - JSON is any value
    return json.dumps({"best_metric": None, "log_history": history, **beside}, indent=2).encode()


@pytest.mark.parametrize("document", [state(), state(record(10)), state(record(10)) + b"\n\x00"])
def test_a_log_history_is_recognised(document: bytes) -> None:
    assert HuggingFaceSource.recognises(Head(document))


def test_a_long_one_is_recognised_by_its_beginning() -> None:
    document = state(*(record(step) for step in range(20_000)))
    assert len(document) > 1 << 20
    assert HuggingFaceSource.recognises(Head(document[: 1 << 20]))


@pytest.mark.parametrize(
    "document",
    [
        state(record(10))[:-3],
        b'{"log_history": "none"}',
        b'{"log_history": [1, 2]}',
        b'{"state": "trainer"}',
        b'[{"log_history": []}]',
    ],
)
def test_other_documents_are_not(document: bytes) -> None:
    assert not HuggingFaceSource.recognises(Head(document))


def test_training_and_evaluation_stand_at_their_steps() -> None:
    (part,) = HuggingFaceSource().read(state(record(10), {"eval_loss": 2.0, "step": 10}))
    assert part.batch.steps.tolist() == [10, 10]
    assert part.batch.samples["eval_loss"].rows.tolist() == [1]


def test_the_summary_is_a_note_and_no_point_of_the_loss() -> None:
    summary = {"step": 10, "train_loss": 1.75, "train_runtime": 60.5}
    (part,) = HuggingFaceSource().read(state(record(10), summary))
    assert "train_loss" not in part.batch.samples
    note, end = part.batch.events
    assert (note.kind, end.kind) == (EventKind.NOTE, EventKind.FINISH)
    assert "train_loss 1.75" in note.fields["text"]


def test_the_summary_ends_the_run_unless_training_goes_on_behind_it() -> None:
    summary = {"step": 10, "train_loss": 1.75, "train_runtime": 60.5}
    evaluation = {"step": 10, "eval_loss": 2.0}

    def ends(*records: Record) -> bool:
        lane = Lane()
        for part in HuggingFaceSource().read(state(*records)):
            lane.append(part.batch)
        return ending(lane) is not None

    assert ends(record(10), summary)
    assert ends(record(10), summary, evaluation)
    assert not ends(record(10), summary, record(20))


def test_the_plan_is_told_as_configuration() -> None:
    (part,) = HuggingFaceSource().read(state(record(10), max_steps=500, train_batch_size=8))
    (event,) = part.batch.events
    assert event.kind == EventKind.CONFIG
    assert event.fields["config"] == {"max_steps": 500, "train_batch_size": 8}


def test_a_better_checkpoint_is_told_once() -> None:
    best = {"best_model_checkpoint": "out/checkpoint-10", "best_metric": 0.5}
    source = HuggingFaceSource()
    (first,) = source.read(state(record(10), **best))
    (second,) = source.read(state(record(10), record(20), **best))
    assert [event.kind for event in first.batch.events] == [EventKind.CHECKPOINT]
    assert not second.batch.events


@pytest.mark.parametrize("value", ["NaN", float("nan"), float("inf")])
def test_bare_tokens_and_strings_are_numbers(value: Any) -> None:  # noqa: ANN401 - either type
    (part,) = HuggingFaceSource().read(state({"step": 1, "loss": value}))
    assert str(part.batch.samples["loss"].values[0]) == str(float(value))


def test_a_document_that_grew_gives_what_is_new() -> None:
    source = HuggingFaceSource()
    source.read(state(record(10), record(20)))
    (part,) = source.read(state(record(10), record(20), record(30)))
    assert not part.fresh
    assert part.batch.steps.tolist() == [30]


def test_half_a_document_waits_and_is_told_at_the_end() -> None:
    source = HuggingFaceSource()
    whole = state(record(10), record(20))
    assert not source.read(whole[:-20])
    (part,) = source.finish()
    assert sum(part.skipped.values()) == 1
    assert source.read(whole)
    assert not source.finish()


def test_a_shorter_copy_adds_nothing() -> None:
    source = HuggingFaceSource()
    source.read(state(record(10), record(20)))
    assert not source.read(state(record(10)))
    assert not source.remarks()


def test_a_shorter_copy_that_differs_is_ignored_with_a_remark() -> None:
    source = HuggingFaceSource()
    source.read(state(record(10), record(20)))
    assert not source.read(state(record(10, loss=5.0)))
    assert source.remarks()


def test_a_longer_copy_that_differs_takes_its_place() -> None:
    source = HuggingFaceSource()
    source.read(state(record(10, loss=5.0), max_steps=500))
    (part,) = source.read(state(record(10), record(20), max_steps=500))
    assert part.fresh
    assert part.batch.samples["loss"].values.tolist() == [1.0, 1.0]
    assert [event.kind for event in part.batch.events] == [EventKind.CONFIG]


@pytest.mark.parametrize(
    ("path", "run"),
    [
        ("out/trainer_state.json", "out"),
        ("out/checkpoint-500/trainer_state.json", "out"),
        ("states/model_a.json", "states/model_a.json"),
    ],
)
def test_copies_in_checkpoints_belong_to_the_run(path: str, run: str) -> None:
    assert HuggingFaceSource.home(Path(path)) == Home(Path(run))


@pytest.mark.parametrize(("best", "place"), [(10, 1), (15, 1), (5, 3)])
def test_the_best_checkpoint_stands_at_its_step_and_lets_none_go_back(
    best: int, place: int
) -> None:
    beside = {"best_model_checkpoint": f"out/checkpoint-{best}", "best_global_step": best}
    (part,) = HuggingFaceSource().read(state(record(10), record(20), record(30), **beside))
    assert [event.row for event in part.batch.events] == [place]
    told = [step for step in part.batch.steps.tolist() if step == step]  # noqa: PLR0124 - NaN
    assert told == sorted(told)
