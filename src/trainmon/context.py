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
from trainmon.roles import Direction, Role, role_of
from trainmon.store.batch import HEADER, LogEvent

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_NO_METRICS: Mapping[Role, tuple[str, ...]] = MappingProxyType({})

_PREFERRED = {
    Role.TRAIN_LOSS: ("train/loss", "loss", "total_loss", "train_loss"),
    Role.VAL_LOSS: ("val/loss", "val_loss", "eval_loss"),
}


@dataclass(frozen=True, slots=True)
class Context:
    """What the log has told so far."""

    settings: Mapping[str, Setting] = field(default_factory=lambda: _EMPTY)
    by_role: Mapping[Role, tuple[str, ...]] = field(default_factory=lambda: _NO_METRICS)
    baseline_row: int = 0
    """The row at which the run last started or resumed: baselines begin there."""
    phase: str = ""
    header: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    def names(self, *roles: Role) -> tuple[str, ...]:
        """Return the metrics that have one of these roles, in the order of their appearance."""
        return tuple(name for role in roles for name in self.by_role.get(role, ()))

    @property
    def train_loss(self) -> str | None:
        """The training loss that is judged."""
        return self._preferred(Role.TRAIN_LOSS)

    @property
    def val_loss(self) -> str | None:
        """The validation loss that is judged."""
        return self._preferred(Role.VAL_LOSS)

    @property
    def data_time(self) -> str | None:
        """The wait for the batch, in seconds."""
        return next(iter(self.names(Role.DATA_TIME)), None)

    @property
    def monitored(self) -> tuple[str, Direction] | None:
        """The metric that the configuration says decides, and which way it is better."""
        wanted = self.settings.get("monitor")
        if not isinstance(wanted, str):
            return None
        candidates = self.names(Role.VAL_METRIC, Role.VAL_LOSS, Role.OTHER)
        # Frameworks join words with "_" where a log has "/": "val_loss" is "val/loss".
        spelled = {candidate.replace("/", "_"): candidate for candidate in reversed(candidates)}
        endings = (wanted, wanted.removeprefix("val_"), wanted.removeprefix("eval_"))
        name = spelled.get(wanted.replace("/", "_")) or next(
            (c for c in candidates for e in endings if c.endswith(("/" + e, "_" + e))), None
        )
        if name is None:
            return None
        mode = str(self.settings.get("mode", ""))
        told = {"max": Direction.HIGHER, "min": Direction.LOWER}
        return name, told.get(mode) or role_of(name).direction

    def number(self, key: str) -> float | None:
        """Return a setting that is a finite number, or None."""
        value = self.settings.get(key)
        if isinstance(value, (str, bool)) or value is None or not isfinite(value):
            return None
        return float(value)

    @property
    def planned_epochs(self) -> float | None:
        """The planned number of epochs, if the log has told it."""
        return self.number("epochs")

    @property
    def planned_steps(self) -> float | None:
        """The planned number of optimizer steps, if the log has told it."""
        return self.number("total_steps")

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
            by_role = dict(self.by_role)
            for name in metrics:
                role = role_of(name).role
                by_role[role] = (*by_role.get(role, ()), name)
            context = replace(context, by_role=MappingProxyType(by_role))
        if rewound:
            context = replace(context, baseline_row=row)
        for event in events:
            context = _after_event(context, event)
        return context

    def _preferred(self, role: Role) -> str | None:
        names = self.by_role.get(role, ())
        return next((n for n in _PREFERRED[role] if n in names), names[0] if names else None)


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
