"""Whether training should stop: asked by the loop, decided once and for all ranks."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from trainmon.record import EventKind
from trainmon.writer.journal import Journal
from trainmon.writer.stopping.consensus import Consensus
from trainmon.writer.stopping.early_stopping import EarlyStopping
from trainmon.writer.stopping.terms import Terms


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to stop: a sentence, and what stands beside it in the event."""

    why: str
    metric: str | None = None
    best: float | None = None
    best_step: float | None = None
    best_epoch: float | None = None
    patience: int | None = None


_ELSEWHERE = Reason("rank 0 decided")


class Decision:
    """Gathers what may stop a run: its early stoppings, and a loss that is not finite.

    The training thread alone asks.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        rank: int = 0,
        stop_on_nonfinite: bool = False,
        agree: Callable[[bool], bool] | None = None,
    ) -> None:
        """Decide for what `journal` logs; `agree` makes one decision of those of all ranks."""
        self._journal = journal
        self._rank = rank
        self._stop_on_nonfinite = stop_on_nonfinite
        self._agree = agree or Consensus()
        self._estranged = False
        self._stops: list[EarlyStopping] = []
        self._stopped = False

    @property
    def stops(self) -> tuple[EarlyStopping, ...]:
        """The early stoppings, in the order they were made."""
        return tuple(self._stops)

    def add(self, terms: Terms) -> EarlyStopping:
        """Return a new early stopping that has a say; the first one's metric is the monitored."""
        stop = EarlyStopping(self._journal, terms)
        if not self._stops:
            told = {"monitor": terms.metric, "mode": terms.mode, "patience": terms.patience}
            self._journal.configure(told)
        self._stops.append(stop)
        return stop

    def ask(self) -> bool:
        """Return whether to stop; the first time that is so, say why on stderr and in the log.

        What has once been decided stays, and then no rank is asked any more.
        """
        if not self._stopped:
            self._journal.settle()
            reason = self._reason()
            self._stopped = self._agreed(own=reason is not None)
            if self._stopped:
                self._announce(reason or _ELSEWHERE)
        return self._stopped

    def _reason(self) -> Reason | None:
        loss = self._journal.nonfinite_loss
        if self._stop_on_nonfinite and loss is not None:
            return Reason(f"{loss} is not finite", metric=loss)
        stop = next((stop for stop in self._stops if stop), None)
        if stop is None:
            return None
        return Reason(
            stop.why, stop.metric, stop.best, stop.best_step, stop.best_epoch, stop.patience
        )

    def _agreed(self, *, own: bool) -> bool:
        if self._estranged:
            return False
        try:
            return self._agree(own)
        except Exception as error:  # noqa: BLE001 - whatever the library of the group raises
            # Asking again could wait for the group's whole timeout each time.
            self._estranged = True
            text = f"the ranks cannot agree on stopping, so none is told to: {error}"
            self._journal.tell("should_stop", text)
            return False

    def _announce(self, reason: Reason) -> None:
        if self._rank == 0:  # one line does for all
            self._journal.tell("stop", f"stopping: {reason.why}")
        fields = {name: value for name, value in asdict(reason).items() if value is not None}
        self._journal.event(EventKind.STOP, step=self._journal.step, **fields)
