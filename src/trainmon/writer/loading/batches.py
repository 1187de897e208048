"""A loader as it was, and every batch on its way to the loop timed, counted and known again."""

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast
from weakref import WeakKeyDictionary

from trainmon.writer.loading.counting import CountOf
from trainmon.writer.loading.hand_over import HandOver
from trainmon.writer.loading.machine import Machine
from trainmon.writer.loading.settings import loader_of
from trainmon.writer.loading.tally import TRAIN, Tally

if TYPE_CHECKING:  # needed by annotations alone
    from trainmon.writer.journal import Journal

T = TypeVar("T")

_TOLD_BY_SCRIPT = frozenset({"batch_size", "shuffle", "train_samples"})
"""Settings in which the script's own configuration wins: its batch size may be that of all ranks,
its shuffling done by the dataset. In the others the loader is the one that knows."""

_tallies: "WeakKeyDictionary[Journal, dict[str, Tally]]" = WeakKeyDictionary()
"""By journal and by the loader's name: a loop may call ``log.batches`` anew for every epoch."""


def batches(
    journal: "Journal",
    loader: Iterable[T],
    *,
    ids: object = None,
    samples: int | CountOf | None = None,
    name: str = TRAIN,
    keep_batches: bool = False,
    machine: Machine | None = None,
    clock: Callable[[], float] = perf_counter,
) -> "Batches[T]":
    """Return `loader` with what it does told to `journal`; `Writer.batches` tells it in full.

    `machine` is read at spikes; `clock` gives seconds. Where a name comes again, its first call
    has decided the rest. Never raises; iteration raises what the loader raises.
    """
    kind = SizedBatches if hasattr(type(loader), "__len__") else Batches
    tally = None
    with journal.guard("log.batches"):
        known = loader_of(loader)
        named = _tallies.setdefault(journal, {})
        if name not in named:
            named[name] = Tally(
                name,
                others=named,
                ids=ids,
                samples=samples,
                batch_size=known.batch_size,
                keep_batches=keep_batches,
                machine=machine or Machine(),
                clock=clock,
            )
        tally = named[name]
        if name == TRAIN:
            told = _TOLD_BY_SCRIPT & journal.config.keys()
            journal.configure({k: v for k, v in known.settings.items() if k not in told})
        elif known.settings:
            own = {f"{name}_{k.removeprefix('train_')}": v for k, v in known.settings.items()}
            journal.configure(own)
    return kind(loader, journal, tally, clock)


class Batches(Generic[T]):
    """A loader that tells the log what it does; all else it does as before.

    Each iteration is a pass of its own and makes one iterator of the loader. Attributes are the
    loader's, also when they are set. A pickled or copied one is the bare loader.
    """

    __slots__ = ("_clock", "_journal", "_loader", "_tally")

    def __init__(
        self,
        loader: Iterable[T],
        journal: "Journal",
        tally: Tally | None,
        clock: Callable[[], float],
    ) -> None:
        """Watch `loader` unless there is no `tally` to keep of it."""
        for name, value in zip(Batches.__slots__, (clock, journal, loader, tally), strict=True):
            object.__setattr__(self, name, value)

    def __iter__(self) -> Iterator[T]:
        iterator: Iterator[T] = iter(self._loader)
        if self._tally is None:
            return iterator
        return Pass(iterator, self._loader, self._journal, self._tally, self._clock)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the loader has
        return getattr(self._loader, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._loader, name, value)

    def __repr__(self) -> str:
        return f"log.batches({self._loader!r})"

    def __reduce__(self) -> tuple[Callable[[Iterable[T]], Iterable[T]], tuple[Iterable[T]]]:
        return _bare, (self._loader,)


class SizedBatches(Batches[T]):
    """A loader that has a length, or says why it has none."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(cast("Any", self._loader))


class Pass(Iterator[T]):
    """One pass over a loader; costs 15 us a batch. It is over, too, when the loop drops it."""

    __slots__ = ("_clock", "_handed", "_index", "_iterator", "_journal", "_number", "_tally")

    def __init__(
        self,
        iterator: Iterator[T],
        loader: Iterable[T],
        journal: "Journal",
        tally: Tally,
        clock: Callable[[], float],
    ) -> None:
        """Hand on what `iterator`, which was made of `loader`, gives."""
        self._iterator = iterator
        self._journal = journal
        self._tally = tally
        self._clock = clock
        self._index = 0
        self._handed: float | None = None
        self._number = -1
        with journal.guard("log.batches"):
            self._number = tally.begin(journal, loader_of(loader).expected)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        asked = self._clock()
        try:
            batch = next(self._iterator)
        except StopIteration:
            with self._journal.guard("log.batches"):
                self._tally.end(self._journal, self._number)
            raise
        handed = self._clock()
        whole = None if self._handed is None else handed - self._handed
        hand = HandOver(batch, self._index, handed - asked, whole)
        self._handed = handed
        self._index += 1
        try:
            self._tally.take(self._journal, hand, self._number)
        except Exception:
            with self._journal.guard("log.batches"):  # not around all, as it costs a microsecond
                raise
        return batch

    def __del__(self) -> None:
        with self._journal.guard("log.batches"):
            self._tally.end(self._journal, self._number)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the loader's iterator has
        return getattr(self._iterator, name)


def _bare(loader: Iterable[T]) -> Iterable[T]:
    return loader
