"""What is known of a run at one row of its log: configuration, metrics and their roles.

A context changes only at *turns* (a header, a new metric, a phase, a resume, what the curves tell)
and is built by a fold over them. Between two turns all rules see the same one, so what a rule
decides depends on the log alone and never on how it was cut into reads.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType
from typing import Any

from trainmon.configuration import Setting, settings_of
from trainmon.effective_batch import effective_batch
from trainmon.monitored import CANDIDATES, monitored_name, told_direction
from trainmon.observed import Observed, Plan
from trainmon.record import EventKind
from trainmon.reference import Reference
from trainmon.roles import Direction, MetricRole, Role, RunRoles
from trainmon.store.batch import HEADER, LogEvent, told_by

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Context:
    """What the log has told so far."""

    settings: Mapping[str, Setting] = field(default_factory=lambda: _EMPTY)
    roles: RunRoles = field(default_factory=RunRoles)
    """The metrics seen so far, by role."""
    baseline_row: int = 0
    """The row at which the run last started or resumed: baselines begin there."""
    phase: str = ""
    header: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    assumed: Mapping[str, Setting] = field(default_factory=lambda: _EMPTY)
    """Settings that a person tells of the run; they stand above those of the log."""
    heard: frozenset[str] = frozenset()
    """The events so far by kind and by field: ``evaluation`` and ``evaluation/confusion``."""
    observed: Observed = field(default_factory=Observed)
    """What the curves tell of the plan."""
    reference: Reference | None = None
    """A run that worked, to compare with."""
    found_once: dict[Callable[..., Any], Any] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    """What has been found out of it, by the function that did."""

    @classmethod
    def at_start(
        cls,
        roles: RunRoles,
        assumed: Mapping[str, Setting] | None = None,
        reference: Reference | None = None,
    ) -> "Context":
        """Return the context before the first row."""
        settings = MappingProxyType(dict(assumed or {}))
        return cls(settings, roles, assumed=settings, reference=reference)

    def names(self, *roles: Role) -> tuple[str, ...]:
        """Return the metrics that have one of these roles, in the order of their appearance."""
        return self.roles.names(roles)

    def role(self, name: str) -> MetricRole:
        """Return what a metric is: as a person said, as the run settles it, or as it is called."""
        return self.roles.of(name)

    def direction(self, name: str) -> Direction:
        """Return which way a metric is better; the configuration's mode tells of its own metric."""
        monitored = self.monitored
        return monitored[1] if monitored and monitored[0] == name else self.role(name).direction

    @property
    def train_loss(self) -> str | None:
        """The training loss that is judged."""
        return self.roles.judged.get(Role.TRAIN_LOSS)

    @property
    def val_loss(self) -> str | None:
        """The validation loss that is judged."""
        return self.roles.judged.get(Role.VAL_LOSS)

    @property
    def learning_rate(self) -> str | None:
        """The learning rate, or that of the first group where only groups are logged."""
        alone = self.roles.judged.get(Role.LEARNING_RATE)
        return alone or self.roles.judged.get(Role.GROUP_LEARNING_RATE)

    @property
    def grad_norm(self) -> str | None:
        """The gradient norm of the model, of the first one where there are several."""
        return self.roles.judged.get(Role.GRAD_NORM)

    @property
    def data_time(self) -> str | None:
        """The wait for the batch, in seconds."""
        return self.roles.judged.get(Role.DATA_TIME)

    @property
    def step_time(self) -> str | None:
        """The time of a whole step, in seconds."""
        return self.roles.judged.get(Role.STEP_TIME)

    @property
    def update_ratio(self) -> str | None:
        """The size of an update beside that of the weights."""
        return next(iter(self.names(Role.UPDATE_RATIO)), None)

    @property
    def monitored(self) -> tuple[str, Direction] | None:
        """The metric that the configuration says decides, and which way it is better."""
        if "monitor" not in self.settings:
            return None
        name = monitored_name(self.settings, self.names(*CANDIDATES))
        if name is None:
            return None
        own = self.role(name).direction  # a mode that contradicts it is the fault to be found
        told = told_direction(self.settings) if own == Direction.UNKNOWN else None
        return name, told or own

    def tells(self, key: str) -> bool:
        """Return whether the configuration tells a setting, or an object of this name."""
        if self.settings.get(key) is not None:
            return True
        return any(name.startswith(f"{key}/") for name in self.settings)

    def number(self, key: str) -> float | None:
        """Return a setting that is a finite number, or None."""
        value = self.settings.get(key)
        if isinstance(value, (str, bool)) or value is None or not isfinite(value):
            return None
        return float(value)

    def positive(self, key: str) -> float | None:
        """Return a setting that is above 0, or None; frameworks write -1 where nothing is set."""
        value = self.number(key)
        return value if value and value > 0 else None

    @property
    def planned_epochs(self) -> float | None:
        """The planned number of epochs, if the log has told it."""
        return self.positive("epochs")

    @property
    def planned_steps(self) -> float | None:
        """The planned number of optimizer steps, if the log has told it."""
        return self.positive("total_steps")

    @property
    def clip(self) -> float | None:
        """The threshold of gradient clipping, if it is on."""
        return self.positive("clip")

    @property
    def accumulation(self) -> float:
        """Batches whose gradients make one optimizer step."""
        return self.positive("accum") or 1.0

    @property
    def effective_batch(self) -> float | None:
        """Samples of one optimizer step: batch size x accumulation x world size."""
        return effective_batch({"world_size": self.header.get("world_size"), **self.settings})

    @property
    def steps_per_epoch(self) -> float | None:
        """Optimizer steps of an epoch: as the configuration gives them, else as observed."""
        return self._told_steps_per_epoch or self.observed.steps_per_epoch

    @property
    def learning_row(self) -> int | None:
        """The row from which on it may be asked whether the run learns; None before it."""
        return self.observed.learning_row

    @property
    def smoothed(self) -> bool:
        """Whether the train loss was averaged before it was logged."""
        return bool(self.observed.smoothed)

    @property
    def epoch_records(self) -> bool:
        """Whether each record is an epoch."""
        return bool(self.observed.epoch_records)

    @property
    def plan(self) -> Plan:
        """What is needed to find out more from the curves."""
        return Plan(
            baseline_row=self.baseline_row,
            train_loss=self.train_loss,
            learning_rate=self.learning_rate,
            peak=self.positive("lr"),
            warmup_steps=self.positive("warmup_steps"),
            steps_per_epoch=self._told_steps_per_epoch,
            steps=self._steps_in_plan,
            step_time=self.step_time,
        )

    def share_done(self, step: float, epoch: float) -> float | None:
        """Return the share of the plan that is done at a step and an epoch; None without a plan."""
        planned = self.planned_steps
        if planned and step == step:  # noqa: PLR0124 - false for NaN alone
            return step / planned
        if self.planned_epochs and epoch == epoch:  # noqa: PLR0124 - likewise
            return epoch / self.planned_epochs
        if self.planned_epochs and self.steps_per_epoch and step == step:  # noqa: PLR0124 - likewise
            return step / (self.planned_epochs * self.steps_per_epoch)
        return None

    def after(
        self,
        row: int,
        events: Sequence[LogEvent] = (),
        metrics: Sequence[str] = (),
        *,
        clocks: Collection[str] = (),
        rewound: bool = False,
    ) -> "Context":
        """Return the context from `row` on, given what that row tells.

        Of the metrics that appear in it some are `clocks`, as their values tell.
        """
        context = self
        if metrics:
            context = replace(context, roles=self.roles.including(metrics, clocks))
        if rewound:
            context = replace(context, baseline_row=row)
        for event in events:
            context = _after_event(context, event)
        if context.baseline_row != self.baseline_row:
            context = replace(context, observed=context.observed.anew())
        return context

    def observing(self, observed: Observed) -> "Context":
        """Return the context with what the curves have told by now."""
        context = replace(self, observed=observed)
        if observed.counts_up and not self.observed.counts_up and self.step_time:
            context = replace(context, roles=self.roles.with_clock(self.step_time))
        return context

    @property
    def _steps_in_plan(self) -> float | None:
        epochs, each = self.planned_epochs, self._told_steps_per_epoch
        return self.planned_steps or (epochs * each if epochs and each else None)

    @property
    def _told_steps_per_epoch(self) -> float | None:
        samples, batch = self.positive("train_samples"), self.effective_batch
        if samples and batch:
            return max(1.0, samples / batch)
        steps, epochs = self.planned_steps, self.planned_epochs
        return steps / epochs if steps and epochs else None


_NOT_SETTINGS = frozenset({"event", "step", "epoch", "time"})
"""Keys of a config event that say where it stands."""


def _after_event(context: Context, event: LogEvent) -> Context:
    fields = event.fields
    heard = context.heard | told_by(event)
    if len(heard) > len(context.heard):
        context = replace(context, heard=heard)
    if event.kind == EventKind.PHASE:
        return replace(context, phase=str(fields.get("name", "")), baseline_row=event.row)
    if event.kind == EventKind.RESUME:
        return replace(context, baseline_row=event.row)
    if event.kind == HEADER:
        context = replace(context, header=fields, baseline_row=event.row)
    config = fields.get("config", fields if event.kind == EventKind.CONFIG else None)
    if not isinstance(config, dict):
        return context
    told = settings_of({k: v for k, v in config.items() if k not in _NOT_SETTINGS})
    settings = {**context.settings, **told, **context.assumed}
    return replace(context, settings=MappingProxyType(settings))
