"""TensorBoard's event files, as torch, TensorFlow, Keras, Lightning and most others write them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from trainmon.event_files.event import Event, EventReader
from trainmon.event_files.hparams import parameters_in_text, parameters_of_plugin
from trainmon.event_files.rows import EventRows
from trainmon.event_files.tag_names import TagNames, event_files, has_curves, is_curve, split_of
from trainmon.event_files.tfrecord import HEADER_BYTES, RecordCutter, length_at, whole_records
from trainmon.positions import Positions
from trainmon.record import EventKind
from trainmon.source import Framing, Head, Home, Part, Source
from trainmon.store.batch import Batch
from trainmon.text import clean_fields
from trainmon.wire.protobuf import MalformedError

_VERSION = b"brain.Event:"
_VERSION_WITHIN = 200
"""Bytes of the first record that tell the version: real ones have 24 to 80."""

_NAMES_TOLD = 3
"""Names of metrics in a remark; further ones are counted."""


class TensorBoardSource(Source):
    """Reads the scalars of an event file; images, histograms and graphs are passed over."""

    id = "tensorboard"
    summary = "TensorBoard event files: events.out.tfevents.*"
    order = 5
    framing = Framing.BYTES
    binary = True

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._cutter = RecordCutter()
        self._reader = EventReader()
        self._rows = EventRows(TagNames(path))
        self._positions = Positions()
        self._scalars = 0
        self._left_out = 0

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether the first record is the version that all event files begin with."""
        length = length_at(head.data, 0)
        if length is None or not 0 < length <= _VERSION_WITHIN:
            return False
        return _VERSION in head.data[HEADER_BYTES : HEADER_BYTES + length]

    def read(self, data: bytes) -> Sequence[Part]:
        """Return the rows that became whole with further bytes."""
        records = self._cutter.cut(data)
        read = self._reader.plain
        add = self._rows.add
        malformed = 0
        for start, end in records.spans:
            plain = read(records.data, start, end)
            if plain is not None:
                add(*plain)
                self._scalars += 1
                continue
            try:
                self._take(self._reader.event(records.data[start:end]))
            except MalformedError:
                malformed += 1
        left_out = self._rows.left_out - self._left_out
        self._left_out = self._rows.left_out
        skipped = {
            "records whose checksum is wrong": records.corrupt,
            "stretches that are no records": records.gaps,
            "records that are no events": malformed,
            "values of too many tags": left_out,
        }
        told = {reason: count for reason, count in skipped.items() if count}
        return self._placed(self._rows.take(), told)

    def finish(self) -> Sequence[Part]:
        """Return the last row, which more might have been added to."""
        return self._placed(self._rows.take(ended=True), {})

    @classmethod
    def home(cls, path: Path) -> Home:
        """Return its folder if it is the only event file there, else the file itself.

        A folder such as ``train`` beside one such as ``validation`` is a part of the run above,
        and so is one for a curve that ``add_scalars`` made.
        """
        if split_of(path):
            return Home(path.parent.parent, gathered=True)
        if is_curve(path):
            return Home(path.parent.parent, gathered=True)
        if any(other != path for other in islice(event_files(path.parent), 2)):
            return Home(path, name=_begun(path))
        return Home(path.parent, gathered=has_curves(path.parent))

    @classmethod
    def whole_records(cls, block: bytes, most: int, *, torn: bool) -> bytes | None:
        """Return up to `most` whole records of a stretch of a file."""
        return whole_records(block, most, torn=torn)

    def companions(self) -> Sequence[Path]:
        """Return where Lightning, Ultralytics and detectron2 put the settings of a run."""
        if self.path is None:
            return ()
        names = ("hparams.yaml", "args.yaml", "opt.yaml", "config.yaml")
        return [self.path.parent / name for name in names]

    def remarks(self) -> Sequence[str]:
        """Return whether there is nothing yet, and which metrics count something else."""
        if not self._scalars:
            return ["no scalars so far"]
        names = sorted(self._rows.counters.otherwise)
        if not names:
            return []
        told = ", ".join(names[:_NAMES_TOLD])
        more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
        return [f"not counted by the steps of the others, and placed among them: {told}{more}"]

    def _take(self, event: Event) -> None:
        for tag, value in event.scalars:
            self._rows.add(tag, event.time, event.step, value)
            self._scalars += 1
        told = [parameters_in_text(text.tag, text.content) for text in event.texts]
        told += [dict(parameters_of_plugin(hparams.content)) for hparams in event.hparams]
        for config in filter(None, told):
            fields = clean_fields({"config": config})
            self._rows.add_event(EventKind.CONFIG, event.time, fields)

    def _placed(self, batch: Batch, skipped: dict[str, int]) -> Sequence[Part]:
        if not batch.n_rows:
            return [Part(batch, skipped=skipped)] if skipped else []
        first, *others = self._positions.place(batch)
        return [replace(first, skipped=skipped), *others]


_BEGUN = re.compile(r"tfevents\.([0-9]{10})\.")
"""What a file's name tells of its beginning: Unix seconds."""


def _begun(path: Path) -> str:
    """Return the name of one run of several in a folder: the folder's, and when it began (UTC).

    >>> _begun(Path("runs/mnist/events.out.tfevents.1700000000.box.1.0"))
    'mnist 2023-11-14 22:13:20'
    """
    match = _BEGUN.search(path.name)
    if match is None:
        return path.name
    return f"{path.absolute().parent.name} {datetime.fromtimestamp(int(match[1]), UTC):%F %T}"
