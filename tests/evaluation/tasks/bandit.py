"""Which of six levers to pull, by policy gradients: a loss around zero that says nothing."""

import numpy as np
import torch
from torch import Tensor, nn

from tests.evaluation.training.drawing import halves, normal, teacher
from tests.evaluation.training.networks import perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Parts, Task
from trainmon.writer.summaries.evaluation import Evaluation

LEVERS = 6


def data(rng: np.random.Generator) -> Data:
    """Return situations (10,) and what each lever would give there (6,): 4,096 and 1,000."""
    situations = normal(rng, 5_096, 10)
    gains = np.stack([teacher(situations, 4, rng) for _ in range(LEVERS)], 1)
    gains += 0.3 * normal(rng, *gains.shape)
    return halves(situations, gains, train=4_096)


def model(settings: Settings) -> nn.Module:
    """Return a perceptron with a logit for each lever."""
    return perceptron(10, LEVERS, settings)


def loss(outputs: Tensor, targets: Tensor, settings: Settings) -> Parts:
    """Return minus the log share of the levers that were pulled, times their advantage."""
    del settings
    policy = torch.distributions.Categorical(logits=outputs)
    pulled = policy.sample()  # type: ignore[no-untyped-call]  # torch's own
    gains = targets.gather(1, pulled[:, None]).squeeze(1)
    chosen: Tensor = policy.log_prob(pulled)  # type: ignore[no-untyped-call]  # as above
    return {"": -(chosen * (gains - gains.mean())).mean()}


def judge(outputs: Tensor, targets: Tensor, threshold: float) -> Evaluation:
    """Return the mean gain of the best lever by the policy."""
    del threshold
    best = outputs.argmax(1, keepdim=True)
    return Evaluation({"n": len(outputs)}, {"val/return": float(targets.gather(1, best).mean())})


TASK = Task(
    half="tuning",
    settings=Settings(lr=3e-3, epochs=10, batch_size=64, clip=0.5, schedule="linear"),
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    loss_name="policy gradient",
    monitor="val/return",
    chance=0.0,
    good=0.8,
    plain_metrics=("val/return",),
    logs_val_loss=False,
)
