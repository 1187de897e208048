"""What is known of a run at one row of its log: configuration, metrics and their roles.

A context changes only at the *turns* of a lane (a header, a new metric, a phase, a resume), and is
built by a fold over them. Between two turns all rules see the same one, so what a rule decides
depends on the log alone and never on how it was cut into reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from types import MappingProxyType
from typing import Any

from trainmon.configuration import Setting, settings_of
from trainmon.record import EventKind
from trainmon.roles import Direction, MetricRole, Role, RunRoles
from trainmon.store.batch import HEADER, LogEvent

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_MONITORED = (
    Role.VAL_METRIC,
    Role.VAL_LOSS,
    Role.RETURN,
    Role.VAL_LOSS_PART,
    Role.PART_METRIC,
    Role.OTHER,
    Role.TRAIN_METRIC,
)
"""What a configuration may mean by the metric that decides, the likelier first."""


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

    def names(self, *roles: Role) -> tuple[str, ...]:
        """Return the metrics that have one of these roles, in the order of their appearance."""
        return tuple(name for role in roles for name in self.roles.by_role.get(role, ()))

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
    def monitored(self) -> tuple[str, Direction] | None:
        """The metric that the configuration says decides, and which way it is better."""
        wanted = self.settings.get("monitor")
        if not isinstance(wanted, str):
            return None
        candidates = self.names(*_MONITORED)
        # Frameworks join words with "_" where a log has "/": "val_loss" is "val/loss".
        spelled = {candidate.replace("/", "_"): candidate for candidate in reversed(candidates)}
        endings = (wanted, wanted.removeprefix("val_"), wanted.removeprefix("eval_"))
        name = spelled.get(wanted.replace("/", "_")) or next(
            (c for c in candidates for e in endings if c.endswith(("/" + e, "_" + e))), None
        )
        if name is None:
            return None
        return name, self._mode or self.role(name).direction

    @property
    def _mode(self) -> Direction | None:
        """The direction that the configuration gives the monitored metric."""
        greater = self.settings.get("greater_is_better")
        if isinstance(greater, bool):
            return Direction.HIGHER if greater else Direction.LOWER
        return _MODES.get(str(self.settings.get("mode", "")))

    def number(self, key: str) -> float | None:
        """Return a setting that is a finite number, or None."""
        value = self.settings.get(key)
        if isinstance(value, (str, bool)) or value is None or not isfinite(value):
            return None
        return float(value)

    @property
    def planned_epochs(self) -> float | None:
        """The planned number of epochs, if the log has told it."""
        return self._planned("epochs")

    @property
    def planned_steps(self) -> float | None:
        """The planned number of optimizer steps, if the log has told it."""
        return self._planned("total_steps")

    @property
    def clip(self) -> float | None:
        """The threshold of gradient clipping, if it is on."""
        clip = self.number("clip")
        return clip if clip and clip > 0 else None

    def after(
        self,
        row: int,
        events: Sequence[LogEvent] = (),
        metrics: Sequence[str] = (),
        *,
        rewound: bool = False,
    ) -> "Context":
        """Return the context from `row` on, given what that row tells."""
        context = self
        if metrics:
            context = replace(context, roles=self.roles.including(metrics))
        if rewound:
            context = replace(context, baseline_row=row)
        for event in events:
            context = _after_event(context, event)
        return context

    def _planned(self, key: str) -> float | None:
        """Return how much is planned; frameworks write -1 where nothing is."""
        planned = self.number(key)
        return planned if planned and planned > 0 else None


_MODES = {"max": Direction.HIGHER, "min": Direction.LOWER}

_NOT_SETTINGS = frozenset({"event", "step", "epoch", "time"})
"""Keys of a config event that say where it stands."""


def _after_event(context: Context, event: LogEvent) -> Context:
    fields = event.fields
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
    return replace(context, settings=MappingProxyType({**context.settings, **told}))
