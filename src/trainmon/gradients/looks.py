"""Follows the gradients of the layers: which get none, and how little the first ones get.

Looks get rarer with time, and some in a row must say the same.
"""

from dataclasses import dataclass
from typing import NamedTuple

from trainmon.context import Context
from trainmon.courses.cells import loss_fallen
from trainmon.gradients.leading_layers import layers_at
from trainmon.gradients.starved_layers import Look, look_at
from trainmon.roles import Role
from trainmon.rule import Block, Event, EventKind, Severity, known

_RARER = 4
"""Looks at the layers get rarer: the pause grows by one for each so many records."""

_BACK = 100.0
"""Times the limit: where the first layers get as much they are no longer starved."""


@dataclass(frozen=True, slots=True)
class TooLittle:
    """When layers get too little of the gradient."""

    dead: float
    """Of the layers have a gradient of exactly 0."""
    starved: float
    """Of what the last layers get."""
    looks: int
    """Looks in a row."""
    learns: float
    """Of the first loss: a run that has lost more learns all the same."""


class Looks(NamedTuple):
    """What the layers told so far."""

    metric: str = ""
    """The layer by whose records looks are counted."""
    baseline_row: int = 0
    records: int = 0
    next_at: int = 1
    """The record of the next look."""
    last: tuple[Look, ...] = ()
    """The last looks, at most as many as confirm a finding."""
    open: tuple[str, int] | None = None
    """The metric and the onset of what was found."""
    severity: Severity = Severity.INFO


def followed(
    looks: Looks, limits: TooLittle, context: Context, block: Block, first_loss: float
) -> tuple[Looks, list[Event]]:
    """Return the state after the block's records of the layers, and what was decided on them."""
    names, events = context.roles.by_role.get(Role.LAYER_GRAD_NORM), list[Event]()
    if not names or not block.lane.has_since(names[0], block.start):
        return looks, events
    if looks.metric != names[0] or looks.baseline_row != context.baseline_row:
        looks = Looks(names[0], context.baseline_row, open=looks.open, severity=looks.severity)
    rows = block.samples(names[0]).rows.tolist()
    while looks.next_at <= looks.records + len(rows):
        row = rows[looks.next_at - looks.records - 1]
        look = look_at(layers_at(context, block, Role.LAYER_GRAD_NORM, row))
        pause = 1 + looks.next_at // _RARER
        last = (*looks.last, look)[-limits.looks :]
        looks = looks._replace(last=last, next_at=looks.next_at + pause)
        gone = loss_fallen(context, block, first_loss, row)
        looks, event = _looked(looks, limits, context, row, gone)
        events += [event] if event else []
    return looks._replace(records=looks.records + len(rows)), events


def _looked(
    looks: Looks, limits: TooLittle, context: Context, row: int, fallen: float
) -> tuple[Looks, Event | None]:
    """Return what is decided after a look; by so much of the first loss has it `fallen`."""
    look = looks.last[-1]
    if looks.open:
        return _over(looks, looks.open, limits, row)
    dead = frozenset.intersection(*(one.dead for one in looks.last))
    is_dead = len(dead) >= limits.dead * look.layers
    starved = all(one.ratio < limits.starved for one in looks.last)
    starved &= context.learning_row is not None and row >= context.learning_row
    if len(looks.last) < limits.looks or not (is_dead or starved):
        return looks, None
    severity = Severity.INFO if fallen >= limits.learns else Severity.WARNING
    layer = next((name for name in look.order if name in dead), "") if is_dead else look.smallest
    title = f"{len(dead)} of {look.layers} layers get a gradient of exactly 0"
    if not is_dead:
        title = f"the first layers get {look.ratio:.1g} of the gradient that the last ones get"
    evidence = known(
        {
            "layers": look.layers,
            "layers_dead": len(dead),
            "ratio": look.ratio,
            "layer": layer,
            "fallen": fallen,
        }
    )
    metric = _metric_of(context, layer) or looks.metric
    looks = looks._replace(open=(metric, row), severity=severity)
    return looks, Event(EventKind.OPENED, row, row, severity, title, metric, evidence)


def _over(
    looks: Looks, found: tuple[str, int], limits: TooLittle, row: int
) -> tuple[Looks, Event | None]:
    """Return the end of what was found, if the last look tells it."""
    look, (metric, onset) = looks.last[-1], found
    few = len(look.dead) <= limits.dead * look.layers / 2
    if not few or look.ratio < _BACK * limits.starved:
        return looks, None
    title = "gradients reach all layers again"
    event = Event(EventKind.CLEARED, row, onset, looks.severity, title, metric)
    return looks._replace(open=None), event


def _metric_of(context: Context, layer: str) -> str | None:
    names = context.names(Role.LAYER_GRAD_NORM)
    return next((name for name in names if name.partition("/")[2] == layer), None)
