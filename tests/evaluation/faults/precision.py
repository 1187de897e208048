"""Half precision that overflows at any loss scale."""

from tests.evaluation.recipe import FaultRecipe, Twist
from tests.evaluation.training.outcome import all_of, logged, worse_than
from tests.evaluation.training.scaler import Scaler, scaled
from tests.evaluation.training.training import Training

COLLAPSE = frozenset(
    {
        "frozen-metric",
        "grad-explosion",
        "loss-scale-collapse",
        "non-finite",
        "not-learning",
        "update-ratio",
    }
)


def overflows(at: float, *, loss_too: bool) -> Twist:
    """Return a twist by which every batch overflows from a share of the run on."""

    def twist(training: Training) -> None:
        start = max(round(at * training.total_steps), 10)
        training.onset = start + 1
        scaled(training, Scaler(overflows=lambda step: step > start))

        def tell(step: int, metrics: dict[str, float]) -> None:
            if step > start:
                metrics["grad_norm"] = float("nan") if loss_too else float("inf")
                if loss_too:
                    metrics["train/loss"] = float("nan")

        training.on_metrics.append(tell)

    return twist


RECIPES = (
    FaultRecipe(
        name="scale-falls-for-ever",
        says="gradients overflow half precision at every scale, so that every step is skipped",
        tasks=("digits", "characters", "glyphs", "tumours"),
        settings={"warmup": 0.2},
        twists=(overflows(0.05, loss_too=False),),
        rules=COLLAPSE,
        causes=("precision-overflow",),
        check=all_of(worse_than(0.95), logged("amp/scale", lambda scales: scales[-1] < 1)),
    ),
    FaultRecipe(
        name="half-precision-loss-nan",
        says="the forward pass overflows half precision: the loss is NaN, every step is skipped",
        tasks=("yields", "digits", "tumours", "glyphs"),
        settings={"warmup": 0.2},
        twists=(overflows(0.08, loss_too=True),),
        rules=COLLAPSE,
        causes=("precision-overflow",),
        check=all_of(worse_than(0.97), logged("amp/scale", lambda scales: scales[-1] < 1)),
    ),
)
