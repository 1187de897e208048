"""TensorFlow's Event messages: the scalars and the texts that a record of an event file holds."""

from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from trainmon.event_files.tensor import number_in, text_in
from trainmon.record import KEYS_LIMIT
from trainmon.wire.protobuf import (
    double_of,
    fields,
    float_of,
    message_of,
    number_of,
    signed,
    text_of,
    varint,
)

_TIME, _STEP, _SUMMARY = 1, 2, 5
_VALUE = 1
_TAG, _SIMPLE, _TENSOR, _METADATA = 1, 2, 8, 9
_PLUGIN, _NAME, _CONTENT = 1, 1, 2

_TIME_KEY, _STEP_KEY, _SIMPLE_KEY = b"\x09", b"\x10", b"\x15"
_TIME_AND_KEY = 9
"""Bytes that the time takes with its key; the step follows."""
_FLOAT_BYTES = 4

_VARINT_BITS = 70
_NEGATIVE_FROM = 64
"""Bits of the longest varint, and from where on one may be a negative number."""

_ALL_BITS = (1 << 64) - 1

_SHORTEST = 22
"""Bytes of the shortest event with a scalar: time, a step of two, three lengths, tag and value. Its
varints cannot be read beyond its end."""

_DOUBLE, _FLOAT = Struct("<d"), Struct("<f")


class Text(NamedTuple):
    """A text that was logged, such as the arguments of a training."""

    tag: str
    content: bytes


class Hparams(NamedTuple):
    """What the plugin for hyperparameters keeps with a value, as it is stored."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """What one record tells."""

    time: float
    step: int
    scalars: list[tuple[str, float]]
    texts: list[Text]
    hparams: list[Hparams]


class EventReader:
    """Reads Event messages. It remembers which tags hold scalars, as only their first value tells.

    Nearly all events hold one scalar of a tag seen before: then all bytes but those of time, step
    and value are the same again, and need not be parsed.
    """

    def __init__(self) -> None:
        self._plain: dict[bytes, str] = {}
        """What stands between step and value of an event with one plain scalar -> its tag."""
        self._plugins: dict[str, str] = {}

    def plain(self, data: bytes, start: int, end: int) -> tuple[str, float, int, float] | None:
        """Return tag, time, step and value of an event of a kind read before; else None."""
        at = start + _TIME_AND_KEY
        if end - start < _SHORTEST or data[start] != _TIME_KEY[0]:
            return None
        step = shift = 0
        if data[at] == _STEP_KEY[0]:
            byte = 0x80
            # As `varint`, without the cost of a call per event.
            while byte & 0x80 and shift < _VARINT_BITS:
                at += 1
                byte = data[at]
                step |= (byte & 0x7F) << shift
                shift += 7
            at += 1
        tag = self._plain.get(data[at : end - _FLOAT_BYTES])
        if tag is None:
            return None
        time, value = _DOUBLE.unpack_from(data, start + 1), _FLOAT.unpack_from(data, end - 4)
        return tag, time[0], step if shift < _NEGATIVE_FROM else signed(step & _ALL_BITS), value[0]

    def event(self, record: bytes) -> Event:
        """Return what any event tells, or raise `MalformedError`."""
        event = Event(*_position(record), [], [], [])
        for number, content in fields(record):
            if number != _SUMMARY:
                continue
            for field, value in fields(message_of(content)):
                if field == _VALUE:
                    self._add_value(event, message_of(value))
        if len(event.scalars) == 1 and not event.texts and not event.hparams:
            self._remember(record, event)
        return event

    def _add_value(self, event: Event, value: bytes) -> None:
        found = dict(fields(value))
        tag = text_of(found.get(_TAG, b""))
        plugin = self._plugin(event, tag, message_of(found.get(_METADATA, b"")))
        if _SIMPLE in found:
            event.scalars.append((tag, float_of(found[_SIMPLE])))
        elif _TENSOR not in found:
            return
        elif plugin == "scalars":
            number = number_in(message_of(found[_TENSOR]))
            if number is not None:
                event.scalars.append((tag, number))
        elif plugin == "text":
            text = text_in(message_of(found[_TENSOR]))
            if text is not None:
                event.texts.append(Text(tag, text))

    def _plugin(self, event: Event, tag: str, metadata: bytes) -> str:
        """Return the plugin that a tag's values are for, told now or with its first value."""
        for number, content in fields(metadata):
            if number != _PLUGIN:
                continue
            told = dict(fields(message_of(content)))
            plugin = text_of(told.get(_NAME, b""))
            if plugin == "hparams":
                event.hparams.append(Hparams(message_of(told.get(_CONTENT, b""))))
            if len(self._plugins) < KEYS_LIMIT:
                self._plugins.setdefault(tag, plugin)
            return plugin
        return self._plugins.get(tag, "")

    def _remember(self, record: bytes, event: Event) -> None:
        """Keep how an event is built if it is time, step and one plain scalar, in this order."""
        at = _TIME_AND_KEY
        if record[at : at + 1] == _STEP_KEY:
            _, at = varint(record, at + 1)
        frame = record[at:-_FLOAT_BYTES]
        tag, value = event.scalars[0]
        # The order within a message is free: what looks like the value might be the end of a name.
        ends_with_value = float_of(record[-_FLOAT_BYTES:]) == value
        plain = ends_with_value and frame.endswith(_SIMPLE_KEY) and record.startswith(_TIME_KEY)
        if plain and len(self._plain) < KEYS_LIMIT:
            self._plain[frame] = tag


def _position(record: bytes) -> tuple[float, int]:
    """Return the time in Unix seconds and the step of an event; a step of 0 is not written."""
    time, step = float("nan"), 0
    for number, content in fields(record):
        if number == _TIME:
            time = double_of(content)
        elif number == _STEP:
            step = signed(number_of(content))
    return time, step
