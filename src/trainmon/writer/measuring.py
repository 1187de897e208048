"""What a writer measures by itself: the loader's batches, the model's gradients."""

import os
from collections.abc import Callable, Iterable, Mapping
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
        run. Each pass tells ``data/batches`` beside
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

        The next line that the loop logs also holds ``grad_norm``, the norm of all gradients at the
        end of the last backward pass: before clipping, of accumulated gradients the whole sum, and
        with a `scaler` (`torch.amp.GradScaler`) of the unscaled loss; and ``lr``, with
        ``lr/<group>`` where groups differ (more than 16 only every `every` steps). A `scaler` adds
        ``amp/scale`` and ``amp/skipped``, the steps skipped so far. Every `every` steps, from the
        first on, come ``grad_norm/<layer>``, ``weight_norm/<layer>``, ``update_ratio`` and
        ``update_ratio/<layer>``: |update| / |weight| of that step, of at most 65,536 evenly spread
        values per parameter. A layer is a parameter, or the module around it where there are more
        than 200. What the loop logs itself under the same name wins. Optimizer, learning rate,
        number of parameters and the like go into the configuration.

        The first loss, gradient or activation that is NaN or infinite becomes a ``nonfinite``
        event: ``where`` it was seen; module and parameter as far as they can be told; how many
        parameters are affected; the batch (index, epoch, fingerprint and sample ids with
        ``log.batches``, else the number of backward passes before it) and, while it is at hand,
        shape, min, max, mean and NaN of its tensors. The next 3 forward passes in training are
        searched for weights that are not finite or the module in which values become so: a second
        event. On a CPU the weights are looked at before their update as well, so that a ruined one
        is told before it ruins all: ``onset_step`` is the event's own step then. Where a buffer
        holds NaN, such as a running mean, ``where`` is "buffer". Where an exception leaves the
        ``with`` block first, weights and batch are looked at then. At most 10 per run, and after
        trouble none until gradients were finite for 100 passes. Overflows that a scaler answers by
        skipping a step are no event, up to 10 in a row. Losses are those logged as ``train/loss``,
        ``loss`` or alike. `activations` also looks at the innermost modules in every `every`-th
        step, for NaN. `save_bad_batch` saves the batch as ``bad-batch-step<N>.pt`` in the run's
        folder (``torch.load``), and on a GPU, whose values come late, keeps the last 16 batches
        alive for that.

        Where processes average gradients (DistributedDataParallel), each also logs ``work_time``:
        the seconds from the batch in hand, as ``log.batches`` handed it over, else from the forward
        pass, to the end of its own backward pass, before it waits for the others; on a GPU, of the
        GPU's own work, a step late or two. It tells which rank all wait for.

        One name stands for one watch: another call, as for the next fold or in a cell that is run
        again, ends the one before. Wrap and compile the model, and have the optimizer, before this.
        Works with DistributedDataParallel, FSDP, torch.compile (without looking at modules),
        activation checkpointing, several optimizers that step together (give a list; the first
        one's steps count) and none (call ``step()`` of what is returned after each step; no ``lr``,
        no ``update_ratio``). Watch a second model, as of a GAN, under a `name`:
        ``grad_norm/<name>``, ``grad_norm/<name>.<layer>`` and so on. FSDP's processes each log the
        norm of their own shard, ``grad_norm/local_shard``: nothing is sent between processes. Where
        torch tells of no end of a backward pass (the first FSDP with original parameters, compiled
        autograd, gradients set by hand) the norm is that of what the optimizer gets, clipped or
        not.

        Costs one pass over the gradients after each backward pass: 0.3 ms for 48 tensors and
        0.8 million values on one core, under 1 % of a 50 ms step. A GPU is never waited for,
        except by the search. Nothing raises: a hook that fails is told once, and after 10
        failures the watch ends. Random numbers, gradients and weights stay as they are; copies and
        pickles of the model are free of hooks.

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

        earlier = self._watches.get(str(name))
        if earlier is not None:
            earlier.close()
        watch = Watch(
            self,
            model,
            optimizer,
            scaler=scaler,
            every=every,
            activations=activations,
            save_bad_batch=save_bad_batch,
            name=name,
        )
        self._watches[str(name)] = watch
        return watch

    def _close(self, kind: EventKind, fields: Mapping[str, Any]) -> None:
        """Let the watches tell what is under way, and take their hooks off the model."""
        if not self._closed and os.getpid() == self._maker:
            for watch in self._watches.values():
                if kind == EventKind.EXCEPTION:
                    watch.crashed(str(fields.get("message")))
                watch.close()
        super()._close(kind, fields)
