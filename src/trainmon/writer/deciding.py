"""When to stop, and which checkpoint is the best: what a script lets its writer decide."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, SupportsFloat

from trainmon.record import EventKind
from trainmon.writer.telling import Telling

if TYPE_CHECKING:  # loaded when a script asks for one of them
    from trainmon.writer.stopping import Checkpoints, Decision, EarlyStopping


class Deciding(Telling):
    """The part of a writer that watches the metric by which a run is judged."""

    __slots__ = ("_checkpoints", "_decision")

    _checkpoints: "Checkpoints | None"
    _decision: "Decision | None"

    def early_stopping(
        self,
        metric: str,
        mode: Literal["max", "min"] | None = None,
        patience: int = 3,
        min_delta: float = 0.0,
        also: str | None = "val/loss",
        also_mode: Literal["max", "min"] | None = None,
        start_after: int = 0,
    ) -> "EarlyStopping":
        """Follow `metric` from now on, and let `should_stop` be true when it gets no better.

        Each logged line that holds the metric is an evaluation. After `patience` of them in a row
        that are not better than the best one by more than `min_delta` (in the metric's unit) it is
        time to stop; the first `start_after` do not count. NaN is never better. Without a `mode`
        the name tells whether lower is better (loss, error, fpr ...); the log says which was taken.

        While the metric stands still (0, NaN, or its first value in all evaluations so far), `also`
        decides, if it is logged: on stopping, and on which checkpoint is the best.

        Returns an object with `improved` (save the checkpoint now), `best`, `best_step`,
        `best_epoch`, `since_best`, `why`, and `state_dict()` for a run that is resumed. Costs 8 us
        per evaluation, 1 us per other line. Raises nothing: a term that makes no sense is told
        and replaced.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     stop = log.early_stopping("val/f1", mode="max", patience=3, also="val/loss")
        ...     for step, f1 in [(100, 0.5), (200, 0.7), (300, 0.6)]:
        ...         log.log({"val/f1": f1, "val/loss": 1.0 - f1}, step=step)
        ...         if stop.improved:
        ...             log.checkpoint("best.pt")
        >>> stop.best, stop.best_step, bool(stop)
        (0.7, 200.0, False)
        """
        from trainmon.writer.stopping import terms  # noqa: PLC0415 - see TYPE_CHECKING

        agreed = terms(
            metric,
            mode=mode,
            patience=patience,
            min_delta=min_delta,
            also=also,
            also_mode=also_mode,
            start_after=start_after,
            complain=lambda text: self.tell(text, f"early_stopping: {text}"),
        )
        for name in (agreed.metric, agreed.also):
            if name is not None:
                self._saved().remember(name)
        return self._deciding().add(agreed)

    @property
    def should_stop(self) -> bool:
        """Whether it is time to leave the training loop; the first time, it is said why.

        True once the patience of an early stopping is over, or, with ``on_nonfinite="stop"``, once
        a loss was NaN or infinite; it stays true. The reason goes to stderr and, as the event
        ``stop``, into the log. Values that are still on a GPU are waited for, so ask once per
        evaluation or epoch.

        Under torch.distributed rank 0 decides for all who ask: **every rank should have a Writer
        and ask equally often**, whether it logs metrics or not. Rank 0 leaves its decision where
        the others find it, and waits for nobody; they wait for it, some 0.2 ms if it is there. No
        collective is used. Where rank 0 alone has a Writer it decides for itself alone: tell the
        others. If rank 0 does not answer, this is told once and nothing is stopped.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     stop = log.early_stopping("val/f1", patience=2)
        ...     for epoch, f1 in enumerate([0.5, 0.7, 0.6, 0.6, 0.5]):
        ...         log.log({"val/f1": f1, "epoch": epoch})
        ...         if log.should_stop:
        ...             break
        >>> epoch, stop.best, stop.best_epoch
        (3, 0.7, 1.0)
        """
        with self.guard("should_stop"):
            return self._deciding().ask()
        return False

    def checkpoint(
        self,
        path: str | os.PathLike[str],
        metric: str | Mapping[str, object] | None = None,
        value: object = None,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
    ) -> None:
        """Tell that a checkpoint was saved at `path`, for which metric, and how good that was.

        `metric` is a name or, with its value, ``{"val/f1": 0.7}``. A name without a value has the
        one that was logged last, if an early stopping or an earlier checkpoint has named it. With
        no metric it is the one by which early stopping decides, if there is one. The step is the
        last one logged if not given. Costs about 20 us; waits for values that are still on a GPU.
        Raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.log({"val/f1": 0.7}, step=100)
        ...     log.checkpoint("best.pt", metric={"val/f1": 0.7})
        """
        with self.guard("checkpoint"):
            if metric is None and self._decision is not None and self._decision.stops:
                metric = self._decision.stops[0].metric
            self._saved().tell(path, metric, value, step=step, epoch=epoch)

    def _deciding(self) -> "Decision":
        if self._decision is None:
            from trainmon.writer.stopping import Decision  # noqa: PLC0415 - as above

            stop_on_nonfinite = self._on_nonfinite == "stop"
            self._decision = Decision(self, rank=self.rank, stop_on_nonfinite=stop_on_nonfinite)
        return self._decision

    def _saved(self) -> "Checkpoints":
        if self._checkpoints is None:
            from trainmon.writer.stopping import Checkpoints  # noqa: PLC0415 - as above

            self._checkpoints = Checkpoints(self)
        return self._checkpoints

    def _close(self, kind: EventKind, fields: Mapping[str, Any]) -> None:
        """Tell which metric was followed and never logged: its name may be misspelt."""
        with self.guard("early_stopping"):
            stops = () if self._decision is None or self._closed else self._decision.stops
            for stop in stops:
                if stop.evaluations == 0:
                    text = f"early_stopping: no {stop.metric} was logged in the whole run"
                    self.tell(text, text)
        super()._close(kind, fields)
