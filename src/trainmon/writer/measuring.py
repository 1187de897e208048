"""What a writer measures by itself: the loader's batches, the model's gradients."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from trainmon.writer.summing import Summing

if TYPE_CHECKING:  # loaded when a script asks for one of them
    from trainmon.writer.loading import Batches

T = TypeVar("T")


class Measuring(Summing):
    """The part of a writer that is put around a loader and onto a model."""

    __slots__ = ()

    def batches(
        self,
        loader: Iterable[T],
        *,
        ids: object = None,
        samples: int | Callable[[Any], int] | None = None,
        name: str = "train",
        keep_batches: bool = False,
    ) -> "Batches[T]":
        """Return `loader` as it is, but watched: ``for batch in log.batches(loader):``.

        The next line that the loop logs also holds ``data_time``, the seconds that the loader took
        for the batch, ``step_time``, those from one batch in hand to the next (not for the first of
        a pass), and ``samples``, those that this process has got since it started. Single waits and
        steps far above the usual become ``spike`` events with the state of CPU, memory and GPUs, at
        most one a second and 1,000 a run. Each pass tells ``data/batches`` beside
        ``data/batches_expected`` and, while it runs and at its end, ``data/distinct_fraction``:
        the share of its samples that differ, 0.125 where each of 8 workers yields the whole set.
        The loader's settings (workers, prefetch, shuffling, sampler, dataset ...) go into the
        configuration; for batch size, shuffling and number of samples, what it says already stays.

        `loader` may be any iterable; length, attributes, repeated iteration, ``break`` and
        exceptions are its own. Wrap what the loop iterates: after ``accelerator.prepare``.

        `ids` tells samples apart: a key of batches (or an index of tuples), or a function from a
        batch to the samples' names, a list or a 1-D tensor on the host. Without it they are known
        by some of their numbers, in a tensor of shape (samples, ...) on the host, or by their texts
        in a list; not by single numbers, which may be labels. Random augmentation makes repeated
        samples look different: then give `ids`. `samples` is the number in each batch, or a
        function that counts them, where the first tensor's rows or first list's items are not it.
        `keep_batches` keeps the last 16 batches themselves for forensics, else only the newest is
        kept until the next.

        A loader of another `name` than "train" tells only how complete its passes are, as
        ``data/<name>/batches`` and so on. One name stands for one loader: calling this anew every
        epoch goes on counting, with the options of the first call.

        Costs 15 us per batch of 256 samples, and 7 ns per further one (50 ns where samples are
        told by a list). Raises nothing but what the loader raises; a part that fails is left out
        and told once.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> loader = [([0.1, 0.2], [0, 1]), ([0.3, 0.4], [1, 0])]
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     for step, (inputs, targets) in enumerate(log.batches(loader), start=1):
        ...         log.log({"train/loss": sum(inputs)}, step=step)
        """
        from trainmon.writer.loading import batches  # noqa: PLC0415 - see TYPE_CHECKING

        return batches(self, loader, ids=ids, samples=samples, name=name, keep_batches=keep_batches)
