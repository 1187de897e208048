"""The roles of a run's metrics: what the names tell, settled by what else the run logs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from trainmon.roles.losses import CRITERIA, WHOLE
from trainmon.roles.name import Split, loader_of, parsed
from trainmon.roles.overrides import Overrides
from trainmon.roles.role import Direction, MetricRole, Role

ByRole = Mapping[Role, tuple[str, ...]]

_NONE: ByRole = MappingProxyType({})
_NOTHING_JUDGED: Mapping[Role, str] = MappingProxyType({})

_PREFERRED = {
    Role.TRAIN_LOSS: ("train/loss", "loss", "total_loss", "train_loss"),
    Role.VAL_LOSS: ("val/loss", "val_loss", "eval_loss", "eval/loss"),
    Role.GRAD_NORM: ("grad_norm", "train/grad_norm"),
    Role.LEARNING_RATE: ("lr", "train/lr", "learning_rate", "train/learning_rate"),
    Role.STEP_TIME: ("step_time", "train/step_time", "iter_time", "batch_time"),
}
"""Names that are judged before all others of their role, the first before the second."""


@dataclass(frozen=True, slots=True)
class RunRoles:
    """The metrics that a run has logged so far, by role."""

    overrides: Overrides = field(default_factory=Overrides)
    by_role: ByRole = field(default_factory=lambda: _NONE)
    judged: Mapping[Role, str] = field(default_factory=lambda: _NOTHING_JUDGED)
    """The metric that is judged where several have a role."""
    clocks: frozenset[str] = frozenset()
    """Metrics that are called a time and tell that of a clock, or the time so far."""
    _told: ByRole = field(default_factory=lambda: _NONE)
    """By the role that their names alone tell."""
    _asked: dict[tuple[Role, ...], tuple[str, ...]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    """What was asked for so far: rules ask for the same at each look."""

    def names(self, roles: tuple[Role, ...]) -> tuple[str, ...]:
        """Return the metrics that have one of these roles, in the order of their appearance."""
        names = self._asked.get(roles)
        if names is None:
            names = tuple(name for role in roles for name in self.by_role.get(role, ()))
            self._asked[roles] = names
        return names

    def including(self, names: Sequence[str], clocks: Collection[str] = ()) -> "RunRoles":
        """Return the roles with metrics that appear now, some of which are `clocks`."""
        told = dict(self._told)
        for name in names:
            role = Role.COUNTER if name in clocks else self.overrides.role_of(name).role
            told[role] = (*told.get(role, ()), name)
        return self._settled(told, self.clocks | set(clocks))

    def with_clock(self, name: str) -> "RunRoles":
        """Return the roles where a metric turned out to tell the time so far."""
        role = self.overrides.role_of(name).role
        told = dict(self._told)
        told[role] = tuple(each for each in told.get(role, ()) if each != name)
        told[Role.COUNTER] = (*told.get(Role.COUNTER, ()), name)
        return self._settled({r: names for r, names in told.items() if names}, self.clocks | {name})

    def _settled(self, told: ByRole, clocks: frozenset[str]) -> "RunRoles":
        by_role = _settled(told, self.overrides)
        judged = {role: self._first(by_role[role], role) for role in _JUDGED if role in by_role}
        return replace(
            self,
            by_role=MappingProxyType(by_role),
            judged=MappingProxyType(judged),
            clocks=clocks,
            _told=MappingProxyType(dict(told)),
        )

    def of(self, name: str) -> MetricRole:
        """Return what a metric is in this run."""
        told = self.overrides.role_of(name)
        if name in self.clocks:
            return replace(told, role=Role.COUNTER, direction=Direction.UNKNOWN)
        if told.role in _MINIMISED and parsed(name).word in CRITERIA:
            role = _MINIMISED[told.role]
            is_loss = name in self.by_role.get(role, ())
            return replace(told, role=role, direction=Direction.LOWER) if is_loss else told
        if told.role not in _UNSETTLED or name in self.by_role.get(told.role, ()):
            return told
        settled = (role for role in _SETTLED if name in self.by_role.get(role, ()))
        return replace(told, role=next(settled, told.role))

    def _first(self, names: Sequence[str], role: Role) -> str:
        """Return the metric of these that is judged."""
        considered = names if self.overrides else names[:_CONSIDERED]
        return min(considered, key=lambda name: self._rank(name, role))

    def _rank(self, name: str, role: Role) -> tuple[bool, int, bool, int, bool, int]:
        """Return by what metrics of one role are sorted; those alike stay as they appeared."""
        usual = _PREFERRED.get(role, ())
        parts = parsed(name)
        is_step, validates = parts.twin == "step", role == Role.VAL_LOSS
        return (
            not self.overrides.names(name),
            usual.index(name) if name in usual else len(usual),
            parts.split == Split.TEST,
            WHOLE.index(parts.quantity) if parts.quantity in WHOLE else len(WHOLE),
            # A training is judged step by step, an evaluation as a whole.
            is_step if validates else parts.twin == "epoch",
            loader_of(name),
        )


_JUDGED = (
    Role.TRAIN_LOSS,
    Role.VAL_LOSS,
    Role.RETURN,
    Role.LEARNING_RATE,
    Role.GROUP_LEARNING_RATE,
    Role.GRAD_NORM,
    Role.DATA_TIME,
    Role.STEP_TIME,
)
"""Roles of which one metric is judged, and not each."""

_CONSIDERED = 32
"""Metrics of a role among which one is chosen: more would cost time whenever another appears."""

_UNSETTLED = frozenset({Role.TRAIN_LOSS, Role.VAL_LOSS, Role.LOSS, Role.STEP_TIME})
"""Roles that the other metrics of a run may change."""

_SETTLED = (Role.TRAIN_LOSS, Role.LOSS_PART, Role.VAL_LOSS_PART, Role.COUNTER)
"""What they may become."""

_MINIMISED = {Role.TRAIN_METRIC: Role.TRAIN_LOSS, Role.VAL_METRIC: Role.VAL_LOSS}
"""What a criterion is to a run that names no loss."""

_LOSSES = (Role.TRAIN_LOSS, Role.VAL_LOSS, Role.LOSS, Role.LOSS_PART, Role.VAL_LOSS_PART)


def _settled(told: ByRole, overrides: Overrides) -> dict[Role, tuple[str, ...]]:
    """Return the metrics by role, given what else is logged. A person's word stands."""
    by_role = dict(told)

    def move(old: Role, new: Role) -> None:
        names = by_role.pop(old, ())
        stay = tuple(filter(overrides.names, names)) if overrides else ()
        gone = tuple(name for name in names if name not in stay) if stay else names
        by_role[old], by_role[new] = stay, (*by_role.get(new, ()), *gone)

    if Role.RETURN in told:
        # Losses of a learner that explores rise and fall with what it meets.
        move(Role.TRAIN_LOSS, Role.LOSS_PART)
        move(Role.VAL_LOSS, Role.VAL_LOSS_PART)
    elif len(by_role.get(Role.LOSS, ())) == 1 and not by_role.get(Role.TRAIN_LOSS):
        move(Role.LOSS, Role.TRAIN_LOSS)
    move(Role.LOSS, Role.LOSS_PART)
    if not any(role in told for role in (*_LOSSES, Role.RETURN)):
        _name_a_loss(by_role, overrides)
    # Beside the wait for data "time" is that of a step; alone it is often the time so far, and so
    # it may be where the time of a step has a name of its own.
    times = by_role.get(Role.STEP_TIME, ())
    bare = tuple(n for n in times if _is_bare(n) and not overrides.names(n))
    if Role.DATA_TIME not in told or len(bare) < len(times):
        by_role[Role.STEP_TIME] = tuple(name for name in times if name not in bare)
        by_role[Role.COUNTER] = (*by_role.get(Role.COUNTER, ()), *bare)
    return {role: names for role, names in by_role.items() if names}


_BARE = frozenset({"time", "time_s", "time_sec", "time_secs", "time_seconds"})
"""Names of a time that do not say of what."""


def _is_bare(name: str) -> bool:
    parts = parsed(name)
    return parts.word in _BARE and not parts.twin  # "batch_time" is the time of a step


def _name_a_loss(by_role: dict[Role, tuple[str, ...]], overrides: Overrides) -> None:
    """Make the criterion of training the loss, and the same one of the validation, too.

    Many scripts log what they minimise by its own name alone: ``train_nll`` and ``val_nll``.
    """
    trained = [
        (CRITERIA.index(parsed(name).word), parsed(name).quantity)
        for name in by_role.get(Role.TRAIN_METRIC, ())[:_CONSIDERED]
        if parsed(name).word in CRITERIA and not overrides.names(name)
    ]
    if not trained:
        return
    _, minimised = min(trained)
    for metric, loss in _MINIMISED.items():
        names = by_role.get(metric, ())
        moved = tuple(
            name
            for name in names
            if parsed(name).quantity == minimised and not overrides.names(name)
        )
        by_role[metric] = tuple(name for name in names if name not in moved)
        by_role[loss] = moved
