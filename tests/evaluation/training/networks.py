"""Networks that several tasks are learned by."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from tests.evaluation.training.settings import Settings

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
}


def perceptron(inputs: int, outputs: int, settings: Settings) -> nn.Sequential:
    """Return a multi-layer perceptron of the depth, width and dropout of the settings."""
    layers: list[nn.Module] = []
    for _ in range(settings.depth):
        layers += [nn.Linear(inputs, settings.width), ACTIVATIONS[settings.activation]()]
        layers += [nn.Dropout(settings.dropout)] if settings.dropout else []
        inputs = settings.width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def convolutions(channels: Sequence[int], settings: Settings) -> list[nn.Module]:
    """Return 3 x 3 convolutions of these channels, activated, that keep the size of an image."""
    layers: list[nn.Module] = []
    for before, after in pairwise(channels):
        layers += [nn.Conv2d(before, after, 3, padding=1), ACTIVATIONS[settings.activation]()]
    return layers


class Squeezed(nn.Module):
    """A network with one output per sample, without the axis of that output."""

    def __init__(self, network: nn.Module, axis: int = -1) -> None:
        super().__init__()
        self.network, self.axis = network, axis

    def forward(self, inputs: Tensor) -> Tensor:
        """Return outputs (n,), of images (n, height, width)."""
        outputs: Tensor = self.network(inputs)
        return outputs.squeeze(self.axis)
