"""Values of JSON records that are not plain numbers and still tell something."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from trainmon.configuration import read_as
from trainmon.json_lines.position_keys import KEYS
from trainmon.record import EVENT_KEY, EventKind
from trainmon.roles import Role, role_of
from trainmon.store.batch import Record

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
"""A number in groups of three digits; "0,123" is none, as there the comma may be a decimal one."""

_NUMBER_LIMIT = 40
"""Characters of a text that may be such a number or a date."""

_DEPTH_LIMIT = 8
"""Levels of nesting that are looked at; real logs have two or three."""

_CONFIGS = ("config", "args", "hparams", "hyperparameters", "hyper_parameters", "cfg", "opt")

_KINDS = frozenset(EventKind)


def readable(record: Record) -> Record:
    """Return a record with its values as numbers, and a line of configuration as an event.

    Numbers in groups of three digits, dates, and the first of COCO's twelve results count. A field
    named "event" that is none of trainmon's is a logger's message.

    >>> readable({"tokens": "1,024", "time": "2024-05-01T00:00:00+00:00"})
    {'tokens': 1024.0, 'time': 1714521600.0}
    """
    if EVENT_KEY in record:
        kind = record[EVENT_KEY]
        if isinstance(kind, str) and kind in _KINDS:
            return record
        record = {key: value for key, value in record.items() if key != EVENT_KEY}
    return _as_config(record) or _with_numbers(record, 0)


def _as_config(record: Record) -> Record | None:
    key = next((key for key in _CONFIGS if isinstance(record.get(key), dict)), None)
    if key is None or any(_measures(name, value) for name, value in record.items() if name != key):
        return None
    return {EVENT_KEY: EventKind.CONFIG.value, "config": record[key]}


def as_bare_config(record: Record) -> Record:
    """Return the event of a first record that holds settings alone; other records as they are.

    >>> as_bare_config({"lr": 0.1, "batch_size": 8, "epochs": 2, "optimizer": "SGD"})["event"]
    'config'
    >>> as_bare_config({"epochs": 2, "lr": 0.1, "batch_size": 8, "loss": 2.3})
    {'epochs': 2, 'lr': 0.1, 'batch_size': 8, 'loss': 2.3}
    """
    if EVENT_KEY in record or not _PLACES.isdisjoint(record):
        return record
    numbers = (name for name, value in record.items() if not isinstance(value, str))
    if any(role_of(name).role not in _OF_SETTINGS for name in numbers):
        return record
    settings = {read_as(name) for name in record if isinstance(record[name], (int, float, str))}
    if len(settings & _SETTINGS_ALONE) < _FEWEST_SETTINGS:
        return record
    return {EVENT_KEY: EventKind.CONFIG.value, "config": record}


_PLACES = frozenset((*KEYS.step, *KEYS.epoch, *KEYS.time)) - {"epochs", "batch"}

_OF_SETTINGS = frozenset(
    {Role.OTHER, Role.COUNTER, Role.LEARNING_RATE, Role.GROUP_LEARNING_RATE, Role.LOSS_PART}
)
"""Roles that names of settings have: "aux_loss" may be the weight of one."""

_ALONE = (
    "batch_size accum epochs total_steps warmup_steps weight_decay optimizer num_workers dropout"
    " clip train_samples schedule world_size precision"
)
_SETTINGS_ALONE = frozenset(_ALONE.split())
"""Settings that hardly any record of measurements tells."""

_FEWEST_SETTINGS = 3


def _measures(name: str, value: object) -> bool:
    """Return whether a field is a measurement and not a place or a text."""
    places = (*KEYS.step, *KEYS.epoch, *KEYS.time)
    return isinstance(value, (int, float, dict)) and name not in places


def _with_numbers(record: Mapping[str, Any], depth: int) -> Record:
    changed: Record = {}
    for key, value in record.items():
        if isinstance(value, str):
            changed[key] = _number(key, value)
        elif isinstance(value, dict) and depth < _DEPTH_LIMIT:
            changed[key] = _with_numbers(value, depth + 1)
        elif isinstance(value, list) and "coco_eval" in key and value:
            changed[f"{key}/AP"] = value[0]  # mean AP over IoU 0.50:0.95, all areas
        else:
            changed[key] = value
    return changed


def _number(key: str, text: str) -> str | float:
    if len(text) > _NUMBER_LIMIT:
        return text
    if "," in text and _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if key in KEYS.time and text[:1].isdigit() and not text.isdigit():
        return _unix_time(text)
    return text


def _unix_time(text: str) -> str | float:
    """Return the Unix seconds of a date; one without a zone is taken as UTC."""
    try:
        date = datetime.fromisoformat(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return text
