"""Configurations and event fields as JSON: any value has a plain form, if need be its text.

Unlike a metric, which is a number or left out, a setting is worth keeping as text: a path, an
optimizer's class, a schedule. The limits keep one odd setting from filling the log.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from itertools import islice
from math import prod
from types import SimpleNamespace
from typing import SupportsFloat, cast

import orjson

from trainmon.errors import WriterError
from trainmon.record import LINE_LIMIT, spell
from trainmon.writer.scalar import INTEGERS, LeaveOut, held_here

TEXT_LIMIT = 20_000
"""Characters kept of one text: what readers show of a traceback, the longest text there is."""

ITEMS_LIMIT = 10_000
"""Entries kept of one list or mapping: enough for the class counts of large label sets."""

DEPTH_LIMIT = 8
"""Levels of nesting kept: configurations have three or four, a structure that holds itself has
no end."""

SETTINGS_LIMIT = LINE_LIMIT // 2
"""Bytes of a configuration: with the rest of its header it fits a line."""

Plain = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None


def settings(config: object, leave_out: LeaveOut) -> dict[str, Plain]:
    """Return a configuration as JSON: a mapping, a dataclass, a namespace or a class of constants.

    What makes it longer than `SETTINGS_LIMIT` is left out. Raises `WriterError` if `config` has no
    named values at all.

    >>> settings(SimpleNamespace(lr=3e-4, layers=(64, 10), optimizer=dict), print)
    {'lr': 0.0003, 'layers': [64, 10], 'optimizer': 'dict'}
    """
    if config is None:
        return {}
    named = _named(config)
    if named is None:
        try:
            named = {name: v for name, v in vars(config).items() if not name.startswith("_")}
        except TypeError:
            kind = type(config).__name__
            raise WriterError(f"config is a {kind}", hint="give a mapping of names") from None
    kept: dict[str, Plain] = {}
    size = 0
    for name, value in _entries(named, DEPTH_LIMIT):
        length = len(orjson.dumps({name: value}))
        if size + length > SETTINGS_LIMIT:
            reason = f"makes the configuration longer than {SETTINGS_LIMIT:,} bytes"
            leave_out(name, ValueError(reason))
        else:
            size += length
            kept[name] = value
    return kept


def plain(value: object, depth: int = DEPTH_LIMIT) -> Plain:
    """Return `value` as JSON, going at most `depth` levels down; never raises an `Exception`."""
    try:
        return _plain(value, depth)
    except Exception:  # noqa: BLE001 - whatever a foreign object raises, its type can be told
        return f"<{type(value).__name__}>"


def text(value: object) -> str:
    """Return `value` as a text of limited length that UTF-8 can hold."""
    return str(value)[:TEXT_LIMIT].encode(errors="replace").decode()


def _plain(value: object, depth: int) -> Plain:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return int(value) if value in INTEGERS else text(value)
    value = held_here(value)
    if depth > 0:
        if (named := _named(value)) is not None:
            return dict(_entries(named, depth - 1))
        if (items := _items(value)) is not None:
            return [plain(inner, depth - 1) for inner in islice(items, ITEMS_LIMIT)]
    return _leaf(value)


def _entries(named: Mapping[str, object], depth: int) -> Iterator[tuple[str, Plain]]:
    for name in islice(named.keys(), ITEMS_LIMIT):
        try:
            value = named[name]
        except Exception as error:  # noqa: BLE001 - settings that refer to others may lead nowhere
            value = f"<{type(error).__name__}>"
        yield text(name), plain(value, depth)


def _named(value: object) -> Mapping[str, object] | None:
    """Return the named values that `value` consists of, if it does."""
    if isinstance(value, type):
        return None
    if isinstance(value, Mapping):
        return value
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):  # what dict() would take
        return cast("Mapping[str, object]", value)
    if (fields := getattr(value, "__dataclass_fields__", None)) is not None:
        return {name: getattr(value, name) for name in fields}
    if isinstance(value, SimpleNamespace) or type(value).__name__ == "Namespace":
        return vars(value)  # the second is argparse's, known by name to leave it unimported
    return None


def _items(value: object) -> Iterable[object] | None:
    """Return the items that `value` lists, an array's included, if it does."""
    if isinstance(value, list | tuple | set | frozenset):
        return value
    shape = getattr(value, "shape", ())
    if shape and prod(shape) <= ITEMS_LIMIT:
        items: Iterable[object] = value.tolist()  # type: ignore[attr-defined]  # arrays have it
        return items
    return None


def _leaf(value: object) -> Plain:
    if shape := getattr(value, "shape", ()):
        return f"<{type(value).__name__} of shape {tuple(shape)}>"
    item = getattr(value, "item", None)
    number = item() if callable(item) else value
    if isinstance(number, int):
        return plain(number)
    if isinstance(number, SupportsFloat):
        return spell(float(number))
    name = getattr(value, "__name__", None)  # a class or function: its repr is an address
    return text(name if isinstance(name, str) else value)
