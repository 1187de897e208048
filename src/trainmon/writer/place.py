"""Where a writer writes, and which process of which run it is."""

from trainmon.writer.guard import Guard
from trainmon.writer.losses import Losses
from trainmon.writer.opening import Opened


class Place:
    """What is known of a run's file once it is open, and what did not reach it."""

    __slots__ = ("_losses", "_opened")

    def __init__(self, opened: Opened, losses: Losses) -> None:
        self._opened = opened
        self._losses = losses

    @property
    def folder(self) -> str:
        """The folder in fact written to: the one asked for, or its neighbour if that was used."""
        return self._opened.claim.folder

    @property
    def path(self) -> str:
        """The file of this process, ``rank<r>.jsonl`` in the folder."""
        return self._opened.claim.path

    @property
    def run(self) -> str:
        """The name of the run."""
        return self._opened.run

    @property
    def rank(self) -> int:
        """Which of the processes this is, from 0."""
        return self._opened.process.rank

    @property
    def world_size(self) -> int | None:
        """How many processes train together; None if only the rank was told."""
        return self._opened.process.world_size

    @property
    def attempt(self) -> int:
        """How often the run was resumed or restarted before."""
        return self._opened.claim.attempt

    @property
    def dropped(self) -> int:
        """Lines that were lost: the disk was full, the file gone, or the writer finished."""
        return self._losses.dropped

    @property
    def left_out(self) -> int:
        """Values that were no single number, or had a reserved name; their lines were kept."""
        return self._losses.left_out

    def tell(self, kind: object, words: str) -> None:
        """Write `words` on stderr, once for each `kind`. Costs some microseconds, raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.tell("warm-up", "the warm-up is longer than the run")
        """
        self._losses.tell(kind, words)

    def guard(self, what: str) -> Guard:
        """Return what keeps a failure inside a ``with`` block from the training.

        It is told once for each `what`. Costs 0.5 us; lets nothing pass but what is no `Exception`
        and the error that ``on_nonfinite="raise"`` asks for, so it raises nothing else.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     with log.guard("my metrics"):
        ...         log.log({"ratio": 1 / 0})
        """
        return Guard(what, self._losses)
