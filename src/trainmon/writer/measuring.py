"""What a writer measures by itself: the loader's batches, the model's gradients."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from trainmon.record import EventKind
from trainmon.writer.summing import Summing

if TYPE_CHECKING:  # loaded when a script asks for one of them
    from torch import nn
    from torch.optim import Optimizer

    from trainmon.writer.loading import Batches
    from trainmon.writer.watching import Watch

T = TypeVar("T")


class Measuring(Summing):
    """The part of a writer that is put around a loader and onto a model."""

    __slots__ = ("_watches",)

    _watches: "dict[str, Watch]"

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
        a pass, nor where another watched loader ran in between), and ``samples``, those that this
        process has got since it started. Single waits and steps far above the usual become
        ``spike`` events with the state of CPU, memory and GPUs, at most one a second and 1,000 a
        run. Each pass tells ``data/batches`` beside ``data/batches_expected`` and
        ``data/distinct_fraction``: the share of its samples that differ, 0.125 where each of 8
        workers yields the whole set. The loader's settings (workers, prefetch, shuffling ...) go
        into the configuration, where batch size, shuffling and number of samples stay as told.

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

        Costs 20 to 30 us per batch of 256 samples, 7 ns per further one (50 in lists). Raises what
        the loader raises, nothing else; a part that fails is left out and told once.

        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> loader = [([0.1, 0.2], [0, 1]), ([0.3, 0.4], [1, 0])]
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     for step, (inputs, targets) in enumerate(log.batches(loader), start=1):
        ...         log.log({"train/loss": sum(inputs)}, step=step)
        """
        from trainmon.writer.loading import batches  # noqa: PLC0415 - see TYPE_CHECKING

        return batches(self, loader, ids=ids, samples=samples, name=name, keep_batches=keep_batches)

    def watch(
        self,
        model: "nn.Module",
        optimizer: "Optimizer | Iterable[Optimizer] | None" = None,
        *,
        scaler: Any = None,  # noqa: ANN401 - torch has three classes of them, others have more
        every: int = 100,
        activations: bool = True,
        save_bad_batch: bool = False,
        name: str = "",
    ) -> "Watch":
        """Look into `model` at each step of `optimizer`; return what stops that, by ``close()``.

        The next line that the loop logs also holds ``grad_norm``, the norm of all gradients before
        clipping; ``lr``, and ``lr/<group>`` where groups differ; with a `scaler`
        (`torch.amp.GradScaler`) ``amp/scale`` and ``amp/skipped``. Every `every` steps come
        ``grad_norm/<layer>``, ``weight_norm/<layer>``, ``update_ratio`` and
        ``update_ratio/<layer>``: |update| / |weight|. The optimizer goes into the configuration.

        The first NaN or infinity becomes a ``nonfinite`` event, with module, parameter and batch as
        far as they can be told. `activations` also looks at modules in every `every`-th step.
        `save_bad_batch` saves the batch as ``bad-batch-step<N>.pt`` in the run's folder
        (``torch.load``), and on a GPU, whose values come late, keeps the last 16 batches alive.

        Where processes average gradients (DistributedDataParallel), each also logs ``work_time``:
        the seconds of its own part of a step, before it waits for the others.

        Wrap and compile the model, and have the optimizer, before this; without one call ``step()``
        of what is returned. A second model, as of a GAN, has a `name`; another call of one name
        ends the one before. ``help(trainmon.writer.watching.Watch)`` says what it works with.

        Costs 0.3 to 0.7 ms a step of 48 tensors on one core. Raises nothing: a hook that fails
        is told once, and after 10 failures the watch ends.

        >>> import torch
        >>> from tempfile import TemporaryDirectory
        >>> from trainmon import Writer
        >>> model = torch.nn.Linear(4, 1)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> with TemporaryDirectory() as logs, Writer(f"{logs}/baseline") as log:
        ...     watch = log.watch(model, optimizer)
        ...     for step in range(1, 4):
        ...         loss = model(torch.ones(8, 4)).square().mean()
        ...         loss.backward()
        ...         optimizer.step()
        ...         optimizer.zero_grad()
        ...         log.log({"train/loss": loss}, step=step)
        """
        from trainmon.writer.watching import Watch  # noqa: PLC0415 - see TYPE_CHECKING

        make = partial(Watch, self, model, optimizer, scaler=scaler, every=every, name=name)
        make = partial(make, activations=activations, save_bad_batch=save_bad_batch)
        return self._watch_anew(str(name), make)

    def _watch_anew(self, name: str, make: "Callable[[], Watch]") -> "Watch":
        """Return the watch of a name, once that before it has let go of its model."""
        earlier = self._watches.get(name)
        if earlier is not None:
            earlier.close()
        self._watches[name] = watch = make()
        return watch

    def _close(self, kind: EventKind, fields: Mapping[str, Any]) -> None:
        """Let the watches tell what is under way, and take their hooks off the model."""
        if not self._closed and os.getpid() == self._maker:
            for watch in self._watches.values():
                if kind == EventKind.EXCEPTION:
                    watch.crashed(str(fields.get("message")))
                watch.close()
        super()._close(kind, fields)
