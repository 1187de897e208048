"""What a script can let its writer look at: evaluations, what goes into a model and comes out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, SupportsFloat

from trainmon.writer.deciding import Deciding
from trainmon.writer.rarely import Rarely

if TYPE_CHECKING:  # loads numpy
    from trainmon.writer.summaries.pairing import Kind


class Summing(Deciding):
    """The part of a writer that sums up arrays."""

    __slots__ = ("_inputs_due", "_outputs_due")

    _inputs_due: Rarely
    _outputs_due: Rarely

    def evaluation(
        self,
        split: str,
        targets: object,
        scores: object,
        threshold: float = 0.5,
        metrics: Mapping[str, object] | None = None,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
        kind: "Kind | None" = None,
    ) -> None:
        """Append what an evaluation of `split` (val, test ...) comes to: an event and its metrics.

        `targets` and `scores` are tensors, arrays or lists of n samples, or lists of tensors as
        one collects them batch by batch. Their shapes and content tell the kind, unless given:

        - ``binary``: targets 0 or 1 (n,); scores (n,) or (n, 1), or those of both classes (n, 2).
          A score at or above `threshold` predicts 1. Logits are compared as they are, so give
          ``threshold=0`` with them; of (n, 2) the probability of the second class is compared.
        - ``multiclass``: class indices (n,) or one-hot (n, classes); scores (n, classes).
        - ``multilabel``: zeros and ones (n, labels); scores (n, labels), and `threshold` as above.
        - ``regression``: any numbers, (n,) or (n, outputs); predictions of the same shape.

        Images and sequences are taken element by element, with the classes as second or last axis.
        Labels out of range, such as -100, and scores that are not finite are counted and left out.

        The event tells the confusion (rows are the actual classes), shares, and for two classes
        histogram, tails, best threshold and operating points, each if the samples resolve it: a
        false-positive rate of 1e-4 takes 10,000 negatives. The metrics are logged as
        ``<split>/<name>``, such as ``val/f1`` and ``val/tpr@fpr1e-4``; those in `metrics` join
        them and win. Without a `step` it is at the last one told.

        Costs about 50 ms for a million binary scores; tensors on a GPU are waited for. Metrics that
        are undefined, as F1 without positives, are NaN. Raises nothing:
        what cannot be evaluated is told once on stderr, and `metrics` are logged all the same.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     targets, scores = [0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]
        ...     log.evaluation("val", targets, scores, metrics={"loss": 0.5}, step=100, epoch=1)
        """
        with self.guard("evaluation"):
            from trainmon.writer.summaries.telling import tell_evaluation  # noqa: PLC0415 - numpy

            tell_evaluation(
                self,
                split,
                targets,
                scores,
                threshold=threshold,
                metrics=metrics,
                step=step,
                epoch=epoch,
                kind=kind,
            )

    def inputs(
        self,
        batch: object,
        targets: object = None,
        names: Sequence[str] | None = None,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
    ) -> None:
        """Append, rarely, what goes into the model: the range of each feature, shares of labels.

        Call it with every batch: it looks at the first three, then at the 10th, 30th ... 1,000th
        and every thousandth. `batch` is a tensor or array, samples first, or a mapping or tuple of
        them. Each column of (n, d) is a feature, and of more dimensions each element of the second
        or the last axis, whichever is shorter; integers other than bytes are one feature, being
        ids. `names` are those of a tensor's features. At most 1,000 features are told, each with
        mean, std, min, max and the count of NaN; of a large batch evenly spaced numbers are looked
        at, a million at most.

        Costs 0.1 us, and some 10 ms when it looks; a tensor on a GPU is then waited for. Raises
        nothing: what holds no numbers is told once on stderr.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     x, y = [[5714.0, 0.3], [77785.0, 0.1]], [0, 1]
        ...     log.inputs(x, y, names=["time", "charge"])
        """
        if not self._inputs_due.due():
            return
        with self.guard("inputs"):
            from trainmon.writer.summaries.telling import tell_inputs  # noqa: PLC0415 - numpy

            tell_inputs(self, batch, targets, names, step=step, epoch=epoch)

    def outputs(
        self,
        logits: object,
        targets: object = None,
        step: SupportsFloat | None = None,
        epoch: SupportsFloat | None = None,
    ) -> None:
        """Append, rarely, what comes out of the model: range, spread, entropy, predicted shares.

        Call it with every batch; it looks as rarely as `inputs`. `logits` are (n,), (n, classes)
        or the like, also probabilities or predictions; with `targets`, as in `evaluation`, the
        shares of the labels stand beside the predicted ones. ``identical`` is the share of samples
        answered like the first: 1 for a head that has collapsed. The entropy is in nats.

        Costs 0.1 us, and some 10 ms when it looks; a tensor on a GPU is then waited for. Raises
        nothing: what does not go together is told once on stderr.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     log.outputs([[2.0, 1.0], [0.5, 1.5]], targets=[0, 1])
        """
        if not self._outputs_due.due():
            return
        with self.guard("outputs"):
            from trainmon.writer.summaries.telling import tell_outputs  # noqa: PLC0415 - numpy

            tell_outputs(self, logits, targets, step=step, epoch=epoch)
