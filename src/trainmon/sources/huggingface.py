"""The ``trainer_state.json`` of Hugging Face's Trainer, whatever its name and wherever a copy."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainmon.document import DocumentSource, begins_with, parsed
from trainmon.record import EVENT_KEY, EventKind
from trainmon.source import HEAD_BYTES, Head, Home, Part
from trainmon.store.batch import Record, batch_of
from trainmon.text import clean

_HISTORY = re.compile(rb'[{,]\s*"log_history"\s*:\s*\[')

_CHECKPOINT = re.compile(r"checkpoint-\d+")
"""Folders within that of a run, each with a copy of the state as it was then."""

_FILE = "trainer_state.json"

_CONFIG = (
    "max_steps",
    "num_train_epochs",
    "train_batch_size",
    "logging_steps",
    "eval_steps",
    "save_steps",
)

_SUMMARY = "train_runtime"
"""A key that only the record has which the Trainer writes once training is over."""


class HuggingFaceSource(DocumentSource):
    """Reads the log history. Its last record, with means over the run, is no point of a curve.

    It says that the training is over.
    """

    id = "huggingface"
    summary = "Hugging Face Trainer: trainer_state.json"
    order = 10
    copies = True

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._state: Mapping[str, Any] = {}
        self._told: list[Record] = []
        self._over = False

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether it is an object with a log history."""
        if not begins_with(head.data, b"{") or not _HISTORY.search(head.data):
            return False
        if len(head.data) >= HEAD_BYTES:
            return True
        state = parsed(head.data)
        return isinstance(state, dict) and _history(state) is not None

    @classmethod
    def home(cls, path: Path) -> Home:
        """Return the run's folder, also for the copies that checkpoints keep."""
        if path.name != _FILE:
            return Home(path)
        folder = path.parent
        return Home(folder.parent if _CHECKPOINT.fullmatch(folder.name) else folder)

    def records(self, data: bytes) -> Sequence[Record] | None:
        """Return the log history."""
        state = parsed(data)
        history = _history(state) if isinstance(state, dict) else None
        if history is not None:
            self._state = state
        return history

    def parts(self, records: Sequence[Record]) -> Sequence[Part]:
        """Return the records, with what the state tells beside them where it is new."""
        rows = [_note(record) if _SUMMARY in record else _metrics(record) for record in records]
        for record in records:  # an evaluation may follow the end, and so may further training
            self._over = _SUMMARY in record or (self._over and "loss" not in record)
        told = [event for event in (_config(self._state), _best(self._state)) if event]
        news = [event for event in told if event not in self._told]
        self._told = told
        before = [event for event in news if event[EVENT_KEY] == EventKind.CONFIG]
        after = [event for event in news if event[EVENT_KEY] != EventKind.CONFIG]
        end: list[Record] = [{EVENT_KEY: EventKind.FINISH.value, "status": "finished"}]
        together = [*before, *_in_order(rows, after), *(end if self._over and records else ())]
        return [Part(batch_of(together))] if together else []

    def start_over(self) -> None:
        """Forget what was told beside the records."""
        self._told = []
        self._over = False


def _history(state: Mapping[str, Any]) -> list[Record] | None:
    history = state.get("log_history")
    if isinstance(history, list) and all(isinstance(record, dict) for record in history):
        return history
    return None


def _metrics(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != EVENT_KEY}


def _note(record: Record) -> Record:
    """Return the summary as a note: its loss is the mean of the run."""
    told = ", ".join(
        f"{clean(name)} {clean(str(value))}"
        for name, value in record.items()
        if name not in {"step", "epoch"} and isinstance(value, (int, float, str))
    )
    note: Record = {name: record[name] for name in ("step", "epoch") if name in record}
    return note | {EVENT_KEY: EventKind.NOTE.value, "text": f"training is over: {told}"}


def _config(state: Mapping[str, Any]) -> Record | None:
    """Return the configuration that a state tells, without what is switched off."""
    config = {name: state[name] for name in _CONFIG if _positive(state.get(name))}
    return {EVENT_KEY: EventKind.CONFIG.value, "config": config} if config else None


def _best(state: Mapping[str, Any]) -> Record | None:
    path = state.get("best_model_checkpoint")
    if not isinstance(path, str):
        return None
    place = {"step": state["best_global_step"]} if _positive(state.get("best_global_step")) else {}
    value = state.get("best_metric")
    return {EVENT_KEY: EventKind.CHECKPOINT.value, **place, "path": path, "value": value}


def _in_order(rows: Sequence[Record], events: Sequence[Record]) -> list[Record]:
    """Return records with events behind the last one of their step, or at the end without one.

    The best checkpoint is told when all is over: at the end its step would go back.
    """
    together = list(rows)
    for event in events:
        upto = [at for at, row in enumerate(together) if _positive(row.get("step"))]
        upto = [at for at in upto if together[at]["step"] <= event.get("step", -1)]
        if upto:
            together.insert(upto[-1] + 1, event)
        else:
            together.append({name: told for name, told in event.items() if name != "step"})
    return together


def _positive(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
