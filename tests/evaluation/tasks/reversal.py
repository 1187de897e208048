"""A tiny transformer that writes five letters backwards."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.evaluation.training import judging, losses
from tests.evaluation.training.drawing import halves
from tests.evaluation.training.settings import Settings
from tests.evaluation.training.task import Data, Task

LETTERS, LENGTH, HEADS = 10, 5, 2


def data(rng: np.random.Generator) -> Data:
    """Return words (5,) of letters and the words reversed: 4,000 to learn, 400 to judge by."""
    words = rng.integers(0, LETTERS, (4_400, LENGTH))
    return halves(words, words[:, ::-1].copy(), train=4_000)


class Block(nn.Module):
    """Attention and a perceptron, each added to what it is given, normalised before."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return what comes after the block: (n, length, width)."""
        n, length, width = x.shape
        heads = self.qkv(self.norm1(x)).view(n, length, 3, HEADS, width // HEADS).transpose(1, 3)
        query, key, value = heads.unbind(2)
        attended = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.projection(attended.transpose(1, 2).reshape(n, length, width))
        down: Tensor = self.down(functional.gelu(self.up(self.norm2(x))))
        return x + down


class Writer(nn.Module):
    """Letters with their positions, blocks, and a letter for each position."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.letters = nn.Embedding(LETTERS, settings.width)
        self.positions = nn.Parameter(0.3 * torch.randn(LENGTH, settings.width))
        self.blocks = nn.Sequential(*(Block(settings.width) for _ in range(settings.depth)))
        self.norm, self.head = nn.LayerNorm(settings.width), nn.Linear(settings.width, LETTERS)

    def forward(self, words: Tensor) -> Tensor:
        """Return logits (n, length, letters)."""
        logits: Tensor = self.head(self.norm(self.blocks(self.letters(words) + self.positions)))
        return logits


TASK = Task(
    half="reported",
    settings=Settings(
        lr=5e-3,
        epochs=6,
        batch_size=64,
        width=24,
        depth=2,
        clip=1.0,
        warmup=0.1,
        evaluate_every=0.5,
    ),
    data=data,
    model=Writer,
    loss=losses.of_classes,
    judge=judging.classes,
    loss_name="CrossEntropyLoss",
    monitor="val/accuracy",
    chance=0.1,
    good=0.95,
    plain_metrics=("val/accuracy",),
    config={"num_classes": LETTERS, "vocab_size": LETTERS, "model": "transformer"},
)
