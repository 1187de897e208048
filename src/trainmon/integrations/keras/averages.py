"""Which of the numbers that a model shows are means over the batches of the epoch so far."""

from collections.abc import Iterator
from typing import Any

from trainmon.integrations.framework import framework

with framework("keras"):
    import keras


def running_means(model: Any) -> frozenset[str]:  # noqa: ANN401 - keras has no types
    """Return the names of the metrics of `model` that are means and have been updated.

    Keras's own `train_step` shows nothing else as a loss; one that a script overrides may as well
    return the loss of the batch, and then the mean of that name stays empty. To be called between
    two batches; it waits for the device.
    """
    means = (metric for metric in _flat(model.metrics) if isinstance(metric, keras.metrics.Mean))
    return frozenset(mean.name for mean in means if keras.ops.convert_to_numpy(mean.count) > 0)


def _flat(metrics: list[Any]) -> Iterator[Any]:
    for metric in metrics:
        yield metric
        yield from getattr(metric, "metrics", ())  # those given to compile() are in one
