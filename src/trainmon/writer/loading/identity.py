"""Whether samples come again within a pass, as they do where every worker yields the whole set."""

from collections.abc import Callable, Mapping
from typing import Any

from trainmon.writer.loading.distinct import Distinct
from trainmon.writer.loading.hand_over import HandOver
from trainmon.writer.loading.leaves import Path, at, is_array, leaves, rows_of, width_of
from trainmon.writer.loading.reader import AlikeError, Reader, UnreadableError
from trainmon.writer.loading.values import Values

IdsOf = Callable[[Any], Any]
"""Returns the names of the samples of a batch, as a list or a 1-D tensor."""

_TRIES = 8
"""Batches in which something to know samples by is looked for: the first may be all zeros, or the
last of a pass built in another way; one look takes a millisecond."""

_FIRST_TOLD = 16
"""Batches before the share is told within a pass, and at every doubling of them: eight workers have
then yielded two batches each."""

_NEAR = 0.9
"""Of the most varied leaf: others that vary as much may be preferred for being wider, as a class
label can differ in most of the first 64 rows by chance."""

_NARROW = 2
"""Numbers by which a sample is known at least: one may be its label. Nor is anything judged by what
is narrower than a part that cannot be read: labels in the host's memory, images on the GPU."""

_LEAST_VARIETY = 0.5
"""Of the first batch's samples that differ: where fewer do, repetition is meant, as with several
answers to one prompt, or only labels were found."""


class Identity:
    """Keeps the share of different samples among those of a pass.

    Samples are known by their ids, if the script gives them, else by some of their numbers. Those
    change where augmentation is random: a repeated sample then counts as another, never the other
    way round.
    """

    what = "the sketch of samples"

    def __init__(self, prefix: str, ids: object = None) -> None:
        """Name the metric ``<prefix>distinct_fraction``; `ids` is a key or a function."""
        self._name = f"{prefix}distinct_fraction"
        self._ids = ids
        self._path: Path = ()
        self._reader: Reader | None = None
        self._tries = 0
        self._distinct = Distinct()
        self._batches = 0
        self._told_at = 0
        self._expected: int | None = None

    def begin(self, expected: int | None) -> None:
        """Forget the samples of the pass before."""
        self._distinct = Distinct()
        self._batches = self._told_at = 0
        self._expected = expected

    def take(self, hand: HandOver) -> None:
        """Read the samples of one batch.

        Raises `UnreadableError`, or what reading raised, when too many batches were unreadable.
        """
        self._batches = batches = self._batches + 1
        source = hand.batch if self._ids is None else self._named(hand)
        try:
            if self._reader is None:
                self._path, self._reader = _reader_of(source, hand.samples)
            hashes, hand.fingerprint = self._reader.read(at(source, self._path))
        except Exception as error:
            self._reader = None
            self._tries += 1
            if self._tries < _TRIES:
                return
            if isinstance(error, UnreadableError):
                raise UnreadableError(f"{error}; ids=... would name its samples") from error
            raise
        self._distinct.add(hashes)
        if (not batches & (batches - 1) and batches >= _FIRST_TOLD) or batches == self._expected:
            hand.metrics |= self.end()

    def end(self) -> Mapping[str, float]:
        """Return the share of different samples so far, unless that has been told."""
        share = self._distinct.share
        if share is None or self._told_at == self._batches:
            return {}
        self._told_at = self._batches
        return {self._name: share}

    def _named(self, hand: HandOver) -> object:
        """Return what the script names the samples of a batch by."""
        ids = self._ids
        named = ids(hand.batch) if callable(ids) else at(hand.batch, (ids,))
        if not is_array(named):
            named = list(named)
            hand.ids = named
        elif getattr(named, "is_cpu", True):  # on a device, reading them would wait for it
            hand.ids = named.tolist()
        return named


def _reader_of(source: object, samples: int | None) -> tuple[Path, Reader]:
    """Return what tells the samples of a batch apart best, and the way to it.

    Raises `UnreadableError` if nothing does.
    """
    readers: list[tuple[Path, Reader]] = []
    hidden = _NARROW
    why = "nothing in it has several numbers for each sample"
    for path, leaf in leaves(source):
        if samples is None or rows_of(leaf) == samples:
            try:
                readers.append((path, _reader(leaf)))
            except AlikeError as error:
                why = str(error)
            except UnreadableError as error:
                why, hidden = str(error), max(hidden, width_of(leaf))
    if not readers:
        raise UnreadableError(why)
    enough = _NEAR * max(reader.variety for _, reader in readers)
    varied = (found for found in readers if found[1].variety >= enough)
    path, reader = max(varied, key=lambda found: found[1].width)
    if path != ():  # else the batch has nothing else, or its samples have been named
        if reader.width < hidden:
            raise UnreadableError(why)
        if reader.variety < _LEAST_VARIETY:
            raise UnreadableError("most samples of one batch look the same")
    return path, reader


def _reader(leaf: Any) -> Reader:  # noqa: ANN401 - see leaves
    if not is_array(leaf):
        return Values(leaf)
    # It loads numpy, which has done so already where there are arrays.
    from trainmon.writer.loading.rows import Rows  # noqa: PLC0415 - see above

    return Rows(leaf)
