"""What can be attached to a logger, as Ignite's other loggers have it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor

from trainmon.integrations.framework import framework
from trainmon.writer import Writer
from trainmon.writer.watching.rates import learning_rates

with framework("ignite", package="pytorch-ignite"):
    from ignite.engine import Engine, Events
    from ignite.handlers.base_logger import BaseOptimizerParamsHandler, BaseOutputHandler

_SPLITS = {
    "training": "train",
    "validation": "val",
    "valid": "val",
    "evaluation": "val",
    "evaluator": "val",
}
"""What Ignite's documentation calls the splits, by the names that they have in the log."""


class Target(Protocol):
    """What the handlers log to."""

    @property
    def writer(self) -> Writer:
        """The run's writer."""

    @property
    def trainer(self) -> Engine | None:
        """The engine whose iterations are the steps, if it is known."""

    def log(self, metrics: Mapping[str, object], step: float | None = None) -> None:
        """Log metrics where the trainer stands, or at `step`."""


class OutputHandler(BaseOutputHandler):
    """Logs an engine's output, metrics and state attributes as ``<tag>/<name>``.

    The arguments are those of Ignite's own handlers; the tags ``training`` and ``validation``
    become ``train`` and ``val``. Where the logger knows the trainer its iterations are the steps,
    whatever `global_step_transform` says: Ignite counts epochs where it evaluates. Tensors on a
    device are logged without waiting for them. The mean loss of a whole training epoch is
    ``train/loss_epoch``, so that it does not mix with the losses of iterations.
    """

    def __call__(self, engine: Engine, logger: Target, event_name: str | Events) -> None:
        """Log what there is now."""
        with logger.writer.guard("OutputHandler"):
            split = _SPLITS.get(self.tag, self.tag)
            values = {name: _nested(value) for name, value in self._values(engine, logger).items()}
            if split == "train" and "loss" in values and event_name != Events.ITERATION_COMPLETED:
                values["loss_epoch"] = values.pop("loss")
            step = None if logger.trainer else self.global_step_transform(engine, event_name)
            if values:
                logger.log({split: values}, step)

    def _values(self, engine: Engine, logger: Target) -> dict[str, Any]:
        values: dict[str, Any] = {}
        metrics = engine.state.metrics
        for name in metrics if self.metric_names == "all" else self.metric_names or ():
            if name in metrics:
                values[name] = metrics[name]
            else:
                logger.writer.tell(("metric", name), f"the engine has no metric '{name}'")
        if self.output_transform is not None:
            output = self.output_transform(engine.state.output)
            values |= output if isinstance(output, Mapping) else {"output": output}
        for name in self.state_attributes or ():
            values[name] = getattr(engine.state, name, None)
        return values


class OptimizerParamsHandler(BaseOptimizerParamsHandler):
    """Lets an optimizer's parameter, ``lr`` if none is named, join the next line of the log.

    With a `tag`, which tells several optimizers apart, it is ``lr/<tag>``. Where groups differ
    each has its own, ``lr/<name or number>``.
    """

    def __call__(
        self,
        engine: Engine,  # noqa: ARG002 - Ignite's signature
        logger: Target,
        event_name: str | Events,  # noqa: ARG002 - likewise
    ) -> None:
        """Take the parameter as it is now."""
        with logger.writer.guard("OptimizerParamsHandler"):
            groups = self.optimizer.param_groups
            if self.param_name == "lr":
                values = learning_rates(groups, every_group=False)
            else:
                values = _each([group[self.param_name] for group in groups], self.param_name)
            tag = f"/{self.tag}" if self.tag else ""
            logger.writer.beside({name + tag: _nested(value) for name, value in values.items()})


def _each(values: Sequence[object], name: str) -> dict[str, object]:
    if len(values) == 1:
        return {name: values[0]}
    return {f"{name}/{number}": value for number, value in enumerate(values)}


def _nested(value: Any) -> Any:  # noqa: ANN401 - of any metric
    """Return lists, tuples and 1-D tensors as mappings from the numbers of their elements."""
    if isinstance(value, Tensor):
        one = value.ndim != 1 or len(value) == 1
        return value if one else {str(number): part for number, part in enumerate(value)}
    if isinstance(value, Mapping):
        return {name: _nested(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {str(number): _nested(part) for number, part in enumerate(value)}
    return value
