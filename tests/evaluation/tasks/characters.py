"""A character-level language model on made sentences: the next character from the last eight."""

import numpy as np
import torch
from torch import Tensor, nn

from tests.evaluation.training import judging, losses
from tests.evaluation.training.networks import perceptron
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Split, Task

SUBJECTS = ("the cat", "a small dog", "my neighbour", "every student", "the old captain")
VERBS = ("sees", "follows", "paints", "remembers", "avoids", "listens to")
OBJECTS = ("the river", "a green door", "seven stars", "the long road", "her brother")
ENDS = (" at night", " in spring", " again", " without a word", "", "")

CONTEXT = 8
VOCABULARY = sorted(set("".join((*SUBJECTS, *VERBS, *OBJECTS, *ENDS))) | {" ", "."})


def data(rng: np.random.Generator) -> Data:
    """Return contexts (n, 8) of character numbers and the numbers that follow: 12,000 and 3,000."""
    parts = (SUBJECTS, VERBS, OBJECTS)
    text = "".join(
        " ".join(str(rng.choice(part)) for part in parts) + str(rng.choice(ENDS)) + ". "
        for _ in range(500)
    )
    ids = torch.tensor([VOCABULARY.index(character) for character in text[: 15_000 + CONTEXT]])
    contexts, following = ids.unfold(0, CONTEXT, 1)[:-1], ids[CONTEXT:]
    train = 12_000
    return Data(
        Split(contexts[:train], following[:train]), Split(contexts[train:], following[train:])
    )


class Reader(nn.Module):
    """Embeds the characters of a context and reads them with a perceptron."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(VOCABULARY), 12)
        self.network = perceptron(12 * CONTEXT, len(VOCABULARY), settings)

    def forward(self, contexts: Tensor) -> Tensor:
        """Return logits (n, vocabulary)."""
        logits: Tensor = self.network(self.embedding(contexts).flatten(1))
        return logits


TASK = Task(
    half="tuning",
    settings=Settings(
        lr=3e-3, epochs=5, batch_size=96, clip=1.0, width=96, depth=1, evaluate_every=0.25
    ),
    data=data,
    model=Reader,
    loss=losses.of_classes,
    judge=judging.classes,
    loss_name="next-token cross-entropy",
    monitor="val/loss",
    mode="min",
    chance=float(np.log(len(VOCABULARY))),
    good=0.75,
    plain_metrics=(),
    config={"num_classes": len(VOCABULARY), "vocab_size": len(VOCABULARY)},
)
