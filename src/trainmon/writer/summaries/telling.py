"""What a training loop shows to the writer, summarised and told to its journal."""

from collections.abc import Mapping, Sequence
from typing import SupportsFloat

from trainmon.record import EventKind
from trainmon.writer.journal import Journal
from trainmon.writer.summaries.evaluate import evaluate, series
from trainmon.writer.summaries.evaluation import Evaluation
from trainmon.writer.summaries.inputs import inputs
from trainmon.writer.summaries.outputs import outputs
from trainmon.writer.summaries.pairing import Kind


def tell_evaluation(
    journal: Journal,
    split: str,
    targets: object,
    scores: object,
    *,
    threshold: float = 0.5,
    metrics: Mapping[str, object] | None = None,
    step: SupportsFloat | None = None,
    epoch: SupportsFloat | None = None,
    kind: Kind | None = None,
) -> None:
    """Append an evaluation's event and then its metrics, at the last step told if none is given.

    What cannot be evaluated is told on stderr; the metrics that the caller knows are kept.
    """
    step = journal.step if step is None else step
    try:
        told = evaluate(split, targets, scores, threshold, metrics, kind)
    except ValueError as error:
        journal.tell("evaluation", f"an evaluation of {split} is left out: {error}")
        told = Evaluation({}, series(split, metrics or {}))
    for oddity, notice in told.notices.items():
        journal.tell(("evaluation", oddity), f"evaluation of {split}: {notice}")
    if told.fields:
        journal.event(EventKind.EVALUATION, step=step, epoch=epoch, **told.fields)
    if told.metrics:
        journal.log(told.metrics, step=step, epoch=epoch)


def tell_inputs(
    journal: Journal,
    batch: object,
    targets: object = None,
    names: Sequence[str] | None = None,
    *,
    step: SupportsFloat | None = None,
    epoch: SupportsFloat | None = None,
) -> None:
    """Append an ``inputs`` event, at the last step told if none is given."""
    step = journal.step if step is None else step
    try:
        journal.event(EventKind.INPUTS, step=step, epoch=epoch, **inputs(batch, targets, names))
    except ValueError as error:
        journal.tell("inputs", f"inputs are left out: {error}")


def tell_outputs(
    journal: Journal,
    logits: object,
    targets: object = None,
    *,
    step: SupportsFloat | None = None,
    epoch: SupportsFloat | None = None,
) -> None:
    """Append an ``outputs`` event, at the last step told if none is given."""
    step = journal.step if step is None else step
    try:
        journal.event(EventKind.OUTPUTS, step=step, epoch=epoch, **outputs(logits, targets))
    except ValueError as error:
        journal.tell("outputs", f"outputs are left out: {error}")
