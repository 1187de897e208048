"""What a script can tell of its run in words: phases, notes, a resume, the parts of a loss."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, SupportsFloat

from trainmon.record import EventKind
from trainmon.writer.journal import Journal

if TYPE_CHECKING:  # loaded when a script has a composed loss
    from trainmon.writer.stopping import Parts


class Telling(Journal):
    """The part of a writer by which a script says what it does."""

    __slots__ = ("_parts",)

    _parts: "Parts | None"

    def phase(
        self,
        name: str,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
        **fields: object,
    ) -> None:
        """Tell that a new phase begins, such as "unfreeze backbone": what changes is intended.

        The step is the last one logged if not given. Costs about 10 us and raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.phase("unfreeze backbone", step=1000, lr=1e-5)
        """
        at = self.step if step is None else step
        self.event(EventKind.PHASE, step=at, epoch=epoch, **{**fields, "name": name})

    def note(
        self,
        text: str,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
        **fields: object,
    ) -> None:
        """Keep a remark in the log. The step is the last one logged if not given.

        Costs about 10 us and raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.note("moved to another node", host="gpu7")
        """
        at = self.step if step is None else step
        self.event(EventKind.NOTE, step=at, epoch=epoch, **{**fields, "text": text})

    def resume(
        self, step: SupportsFloat, epoch: SupportsFloat | None = None, **fields: object
    ) -> None:
        """Tell that the training goes on from a checkpoint of `step`, so that baselines begin anew.

        Steps may go back to there. `fields` may hold anything, such as the ``path``. Costs about
        10 us and raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline", resume=True) as log:
        ...     log.resume(500, path="best.pt")
        ...     log.log({"train/loss": 0.5}, step=501)
        """
        with self.guard("resume"):
            self._steps.tell(step)
            self.event(EventKind.RESUME, step=step, epoch=epoch, **{**fields, "from": step})

    def parts(
        self,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
        *,
        weights: Mapping[str, object] | None = None,
        total: object = None,
        **parts: object,
    ) -> None:
        """Log a composed loss: each part, and their weighted sum.

        ``loss_cls=...`` becomes ``train/loss/cls``, unweighted; ``train/loss`` is `total` or, if
        that is not given, the sum in which a part counts by its weight, or once. Parts are numbers
        or tensors of one element; on a GPU the sum is computed there and not waited for. A part
        that is None is absent in this step. Weights that stay the same are told as configuration
        (``loss_weights``, ``aux_weight``), others logged as ``train/loss_weight/<part>``.

        Costs about 10 us, on a GPU 30 us per part. Raises nothing.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.parts(loss_cls=0.5, loss_aux=1.0, weights={"loss_aux": 0.4}, step=1)
        """
        with self.guard("parts"):
            if self._parts is None:
                from trainmon.writer.stopping import Parts  # noqa: PLC0415 - see TYPE_CHECKING

                self._parts = Parts(self)
            self._parts.log(parts, weights or {}, total, step=step, epoch=epoch)
