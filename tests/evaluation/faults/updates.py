"""Steps that go the wrong way, too far, or nowhere."""

from tests.evaluation.faults.learning_rate import UNSTABLE
from tests.evaluation.recipe import FaultRecipe
from tests.evaluation.training.outcome import any_of, broke, worse_than
from tests.evaluation.training.training import Training

SGD = {"optimizer": "sgd", "lr": 0.05, "weight_decay": 1e-4, "clip": None}


def gradients_kept(training: Training) -> None:
    """Leave out optimizer.zero_grad()."""
    training.zeroes_gradients = False


def uphill(training: Training) -> None:
    """Have the loss grow: its sign is wrong where the gradient is made, not where it is logged."""

    def negate(_: int) -> None:
        for parameter in training.model.parameters():
            if parameter.grad is not None:
                parameter.grad.neg_()

    training.on_gradients.append(negate)


RECIPES = (
    FaultRecipe(
        name="gradients-kept",
        says="optimizer.zero_grad() is missing, so that gradients add up",
        tasks=("digits", "yields", "glyphs", "payments"),
        settings=SGD,
        twists=(gradients_kept,),
        rules=UNSTABLE,
        causes=("lr-too-high",),
        check=any_of(broke, worse_than(0.7)),
    ),
    FaultRecipe(
        name="uphill",
        says="the sign of the loss is wrong where its gradient is made",
        tasks=("digits", "characters", "glyphs", "tumours"),
        twists=(uphill,),
        rules=UNSTABLE,
        causes=("lr-too-high",),
        check=any_of(broke, worse_than(0.1)),
    ),
    FaultRecipe(
        name="clip-too-small",
        says="gradients are clipped to a two-thousandth of their usual norm",
        tasks=("digits", "yields", "glyphs", "payments"),
        settings={**SGD, "clip": 5e-4},
        rules=frozenset({"clip-saturation", "not-learning", "update-ratio"}),
        causes=("clip-saturation",),
        needs={
            "gradients": "nobody sees how much is clipped",
            "config": "the log tells of no clipping",
        },
        check=worse_than(0.8),
    ),
)
