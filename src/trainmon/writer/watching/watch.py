"""Watches a model and its optimizer from within, by hooks alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from trainmon.writer.journal import Journal
from trainmon.writer.watching.backward import BackwardEnds
from trainmon.writer.watching.facts import facts, untold
from trainmon.writer.watching.gradients import GradientNorms, Gradients
from trainmon.writer.watching.hook import Hook
from trainmon.writer.watching.layer_metrics import layer_metrics
from trainmon.writer.watching.layers import named
from trainmon.writer.watching.lookout import Lookout
from trainmon.writer.watching.optimizers import unwrapped
from trainmon.writer.watching.own_time import OwnTime
from trainmon.writer.watching.parameters import Parameters, identity_of, is_sharded
from trainmon.writer.watching.rates import learning_rates
from trainmon.writer.watching.scaler import Scaler
from trainmon.writer.watching.updates import Weights

if TYPE_CHECKING:  # needed by annotations alone
    from torch.utils.hooks import RemovableHandle

_FAILURES_LIMIT = 10
"""Failures after which the watch ends: what fails so often costs time at every step."""


_PASSES_WITHOUT_STEP = 1000
"""Backward passes after which a step is overdue: nobody accumulates so many."""

_NO_STEPS = (
    "watch hears gradients but no steps: give it the optimizer whose step() is called, not "
    "compiled; or none, and call step() of what log.watch returns"
)


class Watch:
    """Logs what happens in `model` at each step of `optimizer`, until it is closed.

    Nothing raises into training or waits for a GPU, and no number of the training changes. The
    hooks run in whichever thread runs the backward pass or the optimizer, one at a time. The
    parameters are those of `Writer.watch`. Random numbers, gradients and weights stay as they are;
    copies and pickles of the model are free of hooks.

    Works with DistributedDataParallel, FSDP, torch.compile (without looking at modules), activation
    checkpointing, several optimizers that step together (a list; the first one's steps count) and
    none (no ``lr``, no ``update_ratio``). FSDP's processes each log the norm of their own shard,
    ``grad_norm/local_shard``: nothing is sent between processes. Where torch tells of no end of a
    backward pass (the first FSDP with original parameters, compiled autograd, gradients set by
    hand) the norm is that of what the optimizer gets, clipped or not.

    Otherwise it is that of the end of the last backward pass, before clipping: of accumulated
    gradients the whole sum, and with a scaler of the unscaled loss. It costs one pass over them:
    0.3 to 0.7 ms for 0.8 million values, 1 to 2 % of a 50 ms step. A layer is a parameter, or the
    module around it where there are more than 200. An update ratio is of at most 65,536 evenly
    spread values per parameter. More than 16 learning rates are logged only every `every` steps.
    What is watched under a name is ``grad_norm/<name>``, ``grad_norm/<name>.<layer>`` and so on.

    ``work_time``, where processes average gradients, is the time from the batch in hand, as
    ``log.batches`` handed it over, else from the forward pass, to the end of the own backward pass;
    on a GPU, of the GPU's own work, a step late or two. It tells which rank all wait for.
    """

    def __init__(
        self,
        journal: Journal,
        model: nn.Module,
        optimizer: Optimizer | Iterable[Optimizer] | None = None,
        *,
        scaler: Any = None,  # noqa: ANN401 - torch has three classes of them, others have more
        every: int = 100,
        activations: bool = True,
        save_bad_batch: bool = False,
        name: str = "",
    ) -> None:
        self._journal = journal
        self._every = every
        self._name = name
        self._scaler = None if scaler is None else Scaler(scaler)
        self._optimizers: list[Optimizer] = []
        self._handles: list[RemovableHandle] = []
        self._ends: BackwardEnds | None = None
        self._lookout: Lookout | None = None
        self._own_time: OwnTime | None = None
        self._steps = 0
        self._failures = 0
        self._passes_since_step = 0
        self._measured: GradientNorms | None = None
        self._weights: Weights | None = None
        try:
            self._optimizers = unwrapped(optimizer)
            self._lookout = Lookout(
                journal, model, self._failed, activations=activations, save=save_bad_batch
            )
            self._attach(model)
        except Exception as error:  # noqa: BLE001 - a training that cannot be watched goes on
            self._failed(error)
            self._detach()

    def step(self) -> None:
        """Take note of an optimizer step, right after it, where no optimizer was given.

        The learning rate and the update ratio are not known then. Raises nothing.
        """
        if not self._optimizers:
            with self._journal.guard("watch"):
                self._step_ended()

    def crashed(self, message: str) -> None:
        """Look for what is not finite when an exception, which says `message`, ended the training.

        Waits for a GPU. Raises nothing.
        """
        with self._journal.guard("watch"):
            if self._lookout is not None:
                self._journal.settle()
                self._lookout.crashed(message)

    def close(self) -> None:
        """Tell what is under way, and remove all hooks; a second call does nothing."""
        with self._journal.guard("watch"):
            if self._lookout is not None:
                self._journal.settle()
                self._lookout.finish()
            self._detach()

    def _attach(self, model: nn.Module) -> None:
        self._every = max(1, int(self._every))
        found = facts(model, self._optimizers, scaled=self._scaler is not None)
        self._journal.configure(untold(found, self._journal.config))
        self._sharded = is_sharded(model)
        if not (self._sharded or self._name):
            self._own_time = OwnTime.of(self._journal, model)
        if self._own_time is not None:
            begins = Hook(self._own_time.forward_begins, self._failed)
            self._handles.append(model.register_forward_pre_hook(begins))
        self._listen(Parameters.of(model))
        if self._optimizers:
            first, last = self._optimizers[0], self._optimizers[-1]
            before = first.register_step_pre_hook(Hook(self._step_begins, self._failed))
            after = last.register_step_post_hook(Hook(self._step_ended, self._failed))
            self._handles += [before, after]

    def _detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        if self._ends is not None:
            self._ends.close()
        if self._lookout is not None:
            self._lookout.close()
        # The writer keeps its watches to the end, but not what they watched.
        self._handles, self._ends, self._lookout = [], None, None
        self._parameters = Parameters([], [], [])
        self._gradients = Gradients(self._parameters)
        self._optimizers, self._measured, self._weights = [], None, None
        self._own_time = None

    def _failed(self, error: Exception) -> None:
        """Tell of a failure in a hook, and end the watch if there are too many of them."""
        with self._journal.guard("watch"):
            raise error
        self._failures += 1
        if self._failures == _FAILURES_LIMIT:
            self._detach()

    def _listen(self, parameters: Parameters) -> None:
        if self._ends is not None:
            self._ends.close()
        self._parameters = parameters
        self._identity = identity_of(parameters.tensors)
        self._gradients = Gradients(parameters)
        self._ends = BackwardEnds(
            parameters.trainable.tensors,
            self._backward_ended,
            self._failed,
            computed=None if self._own_time is None else self._computed,
        )

    def _computed(self) -> None:
        if self._own_time is not None and not _is_captured():
            self._own_time.backward_ends()

    def _backward_ended(self) -> None:
        if self._lookout is not None:
            self._passes_since_step += 1
            if self._passes_since_step == _PASSES_WITHOUT_STEP:
                self._journal.tell(_PASSES_WITHOUT_STEP, _NO_STEPS)
            self._measure(None if self._scaler is None else self._scaler.read())
            if self._scaler is not None:  # before the step, of which a scaler may skip all hooks
                again = self._passes_since_step > 1
                self._journal.beside(self._scaler.metrics(), replacing=again)

    def _measure(self, scale: Tensor | None) -> None:
        """Measure the gradients as they are; of several passes before a step the last counts."""
        if _is_captured():
            return
        self._measured = self._gradients.norms(scale)
        if self._measured is not None and self._lookout is not None:
            self._lookout.backward_ended(self._measured, scale)

    @property
    def _is_sampled(self) -> bool:
        return self._steps % self._every == 0

    def _step_begins(
        self, _: Optimizer, arguments: Sequence[object], named: Mapping[str, object]
    ) -> None:
        if self._lookout is None:
            return
        closure = named.get("closure", arguments[1] if len(arguments) > 1 else None)
        if self._measured is None and closure is None:
            self._measure(None)  # no pass was heard, so what may be clipped is all there is
        if self._is_sampled:
            measured = self._measured  # a closure is yet to make the gradients
            moving = self._parameters.trainable if measured is None else measured.parameters
            self._weights = Weights(moving)

    def _step_ended(self, *_: object) -> None:
        if self._lookout is None or _is_captured():
            return
        metrics = self._metrics()
        self._measured = self._weights = None
        self._passes_since_step = 0
        if self._is_sampled:
            self._listen_to_what_is_new(self._lookout.model)
        self._steps += 1
        self._lookout.step_ended(sampled_next=self._is_sampled)
        self._journal.beside(metrics, replacing=self._scaler is not None)

    def _metrics(self) -> dict[str, object]:
        groups = [group for optimizer in self._optimizers for group in optimizer.param_groups]
        metrics = learning_rates(groups, every_group=self._is_sampled)
        own_time = None if self._own_time is None else self._own_time.step_ended()
        if own_time is not None:
            metrics["work_time"] = own_time
        measured = self._measured
        if measured is not None:
            metric = "grad_norm/local_shard" if self._sharded else "grad_norm"
            metrics[metric] = measured.whole
            if self._is_sampled:
                metrics["layers"] = layer_metrics(measured, self._weights, self._name)
        metrics = {named(metric, self._name): value for metric, value in metrics.items()}
        return metrics if self._scaler is None else metrics | self._scaler.metrics()

    def _listen_to_what_is_new(self, model: nn.Module) -> None:
        """Take in parameters that were replaced, frozen or unfrozen."""
        if identity_of(model.parameters()) != self._identity:
            self._listen(Parameters.of(model))


def _is_captured() -> bool:
    """Return whether a CUDA graph is being captured, which is replayed without Python or us."""
    cuda = torch.cuda
    return cuda.is_initialized() and cuda.is_current_stream_capturing()  # type: ignore[no-untyped-call]  # torch's own
