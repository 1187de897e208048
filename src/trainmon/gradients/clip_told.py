"""What is told of gradient norms that are clipped to a fraction, or were logged after clipping."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, NamedTuple

from trainmon.context import Context
from trainmon.courses.cells import rate_at
from trainmon.courses.e_cusum import is_frequent
from trainmon.finite import finite
from trainmon.gradients.leading_layers import largest, leading
from trainmon.medians import median_of
from trainmon.rule import Block, Severity, known
from trainmon.store.batch import Samples


class Told(NamedTuple):
    """What a window of norms says."""

    onset: int
    """The row of its first record."""
    severity: Severity
    title: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClipTold:
    """What single norms must show."""

    null: float
    """Share of clipped steps that is nothing to speak of."""
    alternative: float
    """Share of clipped steps that is looked for."""
    alarm: float
    """Records to a false alarm of the test on average, at least."""
    extreme: float
    """Times the clip: no run trains well at this."""
    learns: float
    """Of the first loss: such a run learns with the clip as it is."""
    same: float
    """Of a norm: clipped ones are this alike."""

    def far_above(
        self,
        norms: Samples,
        context: Context,
        block: Block,
        row: int,
        name: str,
        *,
        fallen: float,
        scale_undone: bool | None,
    ) -> Told | None:
        """Return what norms far above the clip say, if they leave no doubt.

        `fallen` is the share by which the loss has fallen. `scale_undone` tells whether the
        optimizer undoes the scale of gradients; None where it is not known.
        """
        clip = context.clip or nan
        values = finite(norms.values)
        clipped = values > clip
        if not is_frequent(clipped, self.null, self.alternative, self.alarm):
            return None
        median, rate, share = median_of(values), rate_at(context, block, row), clipped.mean()
        learns = scale_undone and fallen >= self.learns and median < self.extreme * clip
        evidence = known(
            {
                "clip": clip,
                "median": median,
                "ratio": median / clip,
                "clipped_share": float(share),
                "lr": rate,
                "effective_lr": nan if scale_undone else rate * clip / median,
            }
        )
        if scale_undone is not None:
            evidence["scale_is_undone"] = scale_undone
        evidence |= leading(context, block, row, largest)
        title = f"{name} is {median / clip:,.0f} times the clip of {clip:g}"
        title += f" and {share:.0%} of the steps are clipped"
        severity = Severity.INFO if learns else Severity.WARNING
        return Told(int(norms.rows[0]), severity, title, evidence)

    def after_clipping(self, norms: Samples, onset: int, highest: float, name: str) -> Told:
        """Return what norms say that are all about the same, `highest` at most."""
        share = float((norms.values >= (1 - self.same) * highest).mean())
        title = (
            f"{name} is {highest:.4g} in {share:.0%} of the records: it was logged after clipping"
        )
        evidence = {"clip": highest, "clipped_share": share, "after_clipping": True}
        return Told(onset, Severity.INFO, title, evidence)
