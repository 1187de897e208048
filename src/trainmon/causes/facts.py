"""What causes are weighed on: the incidents of a run and what is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor, isnan, log10, nan
from typing import Any

from trainmon.causes.readings import Readings
from trainmon.context import Context
from trainmon.evaluating.metrics import quantity_of
from trainmon.incidents import Incident
from trainmon.learning.optimizers import undoes_scale
from trainmon.roles import Role

_RAISED = 1.5
"""Times the configured learning rate: beyond it the schedule is not what was configured."""

_JUMP = 3.0
"""Times all earlier learning rates: warm-ups of thinned logs rise less from record to record."""

OF_CHANCE = 0.97
"""Of the chance level: a validation loss that was never below it has learned nothing."""

_OF_UNTRAINED = 1.2
"""Of the first training loss: batches differ by less."""

_ABOVE_CHANCE = 1.15
"""Times the chance level: what weights begin with is worth some steps of an epoch, and not all."""

_LEARNED = 0.5
"""Of the first training loss: from there on it had been learned something."""

_OF_EVALUATIONS = frozenset({Role.VAL_LOSS, Role.VAL_LOSS_PART, Role.VAL_METRIC})

ANSWERS = frozenset({"accuracy", "balanced_accuracy", "top5"})
"""Metrics that count every answer, and not those of a rare class alone."""

_AS_UNTRAINED = 0.8
"""Of the first training loss: the model is about where it began."""

_HUGE_RATE = 0.3
"""A learning rate that no optimizer bears on a network without special care."""

_HUGE_RATE_OF_ADAM = 0.1
"""The same where each step is as large as the rate: a hundred times the usual."""

_PLAIN = frozenset({"sgd", "momentum", "nesterov"})
"""Optimizers whose step is the gradient itself."""

_LEAST_LR = 1e-12
"""Below it a learning rate is the end of a schedule, or a mistake: no number to divide by three."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The findings of a run and its configuration."""

    incidents: Sequence[Incident]
    context: Context
    last_lr: float | None = None
    """The learning rate of the last record, if the log has one."""
    onset_lr: float | None = None
    """The highest learning rate just before the first of the findings began."""
    rate_jump: float = nan
    """Times all earlier learning rates that it was when the first of the findings began."""
    readings: Readings = field(default_factory=Readings)
    best_val_loss: float = nan
    best_val_is_first: bool = False
    """Whether no validation loss was below the first one."""
    val_stands_at_train: bool = False
    """Whether the validation loss has stood since its first evaluation where training came to."""
    metrics_rose: bool = False
    """Whether a validation metric went clearly up, or ranks beyond chance."""
    val_loss_goes_down: bool = False
    """Whether the validation loss has gone down at each of the last evaluations, slowly or not."""
    answers_stood: bool = False
    """Whether no validation metric rose, one that counts all answers in several evaluations."""
    chance: float = nan
    """The surest chance level of the loss; NaN where none is known."""

    def of(self, *rules: str) -> list[Incident]:
        """Return the incidents of these rules, the worst first."""
        found = [incident for incident in self.incidents if incident.rule in rules]
        return sorted(found, key=lambda incident: (-incident.severity, incident.onset_row))

    def first(self, rule: str) -> Incident | None:
        """Return the worst incident of a rule."""
        return next(iter(self.of(rule)), None)

    def standing(self, *rules: str) -> list[Incident]:
        """Return the incidents of these rules that are not over."""
        return [incident for incident in self.of(*rules) if not incident.cleared]

    def came_first(self, *signs: str) -> bool:
        """Return whether one of these signs came before the first value that was not finite.

        An evaluation has its first value long after the training has: it tells of no start.
        """
        every = self.of("non-finite")
        broken = [i for i in every if i.metric != self.context.val_loss] or every
        begun = min((incident.onset_row for incident in broken), default=0)
        return any(i.evidence.get("first") in signs for i in broken if i.onset_row == begun)

    @property
    def only_evaluations_broke(self) -> bool:
        """Whether numbers of evaluations alone are not finite: training itself goes on."""
        broken = self.of("non-finite")
        return bool(broken) and all(
            i.metric is not None and self.context.role(i.metric).role in _OF_EVALUATIONS
            for i in broken
        )

    def evidence(self, rule: str, key: str) -> Any:  # noqa: ANN401 - evidence is any JSON value
        """Return a number or a word of the evidence of a rule's worst incident, or None."""
        incident = self.first(rule)
        return incident.evidence.get(key) if incident else None

    def amount(self, rule: str, key: str) -> float:
        """Return a number of the evidence of a rule's worst incident; NaN where it has none."""
        value = self.evidence(rule, key)
        return float(value) if isinstance(value, (int, float)) else nan

    def told(self, *keys: str) -> bool:
        """Return whether the configuration sets any of these to something."""
        return any(self.context.settings.get(key) not in (None, 0, False, "") for key in keys)

    @property
    def lr(self) -> float | None:
        """The configured learning rate, else the peak of its schedule; None if none is sensible.

        A rate that jumped is no schedule's: there the last one tells.
        """
        peak = self.last_lr if self.rate_had_jumped else self.readings.lr
        told = (self.context.number("lr"), peak, self.last_lr)
        return next((lr for lr in told if lr is not None and lr >= _LEAST_LR), None)

    @property
    def raised_lr(self) -> float | None:
        """The learning rate when the trouble began, if it was far above the configured one."""
        lr, onset = self.context.number("lr"), self.onset_lr
        return onset if lr and onset and onset > _RAISED * lr else None

    @property
    def rate_is_huge(self) -> bool:
        """Return whether the learning rate is beyond what networks bear without special care."""
        divides = undoes_scale({"optimizer": self.optimizer})
        limit = _HUGE_RATE_OF_ADAM if divides else _HUGE_RATE
        return self.readings.lr >= limit and not self.of("lr-out-of-range")

    @property
    def optimizer(self) -> str:
        """The optimizer, in small letters: as configured, or as the learning rate is called.

        Lightning calls it ``lr-AdamW`` and ``lr-SGD/pg1``.
        """
        told = str(self.context.settings.get("optimizer") or "")
        if not told:
            name = (self.context.learning_rate or "").rpartition("lr-")[2]
            told = name.partition("/")[0]
        return told.lower()

    @property
    def steps_plainly(self) -> bool:
        """Whether the steps of the optimizer are the gradients themselves, times the rate."""
        return self.optimizer in _PLAIN

    @property
    def rate_had_jumped(self) -> bool:
        """Whether the learning rate was suddenly far above all earlier ones when it began."""
        return self.rate_jump > _JUMP

    @property
    def val_never_learned(self) -> bool:
        """Whether the validation loss was never better than chance.

        Where chance is not known, it must have been clearly above the first training loss, which
        an untrained model has; about there is enough where the answers never got better, either.
        A metric that went up has learned, however sure of itself the loss finds the model.
        """
        if self.metrics_rose:
            return False
        if isnan(self.chance):
            share = OF_CHANCE if self.answers_stood else _OF_UNTRAINED
            return self.best_val_loss >= share * self.readings.first_loss
        return self.best_val_loss >= OF_CHANCE * self.chance

    @property
    def had_learned(self) -> bool:
        """Whether a run that does not learn did at first: its labels and its rate were right."""
        return any(i.evidence.get("had_learned") is True for i in self.of("not-learning"))

    @property
    def val_never_better(self) -> bool:
        """Whether validation gained nothing from the first evaluation on, as training learned."""
        return any(i.evidence.get("never_better") is True for i in self.of("not-learning"))

    @property
    def began_above_chance(self) -> bool:
        """Whether a run that stays at chance was far above it over all of its first epoch.

        Labels that tell nothing bring a model to chance from about there, and no further away.
        """
        chance = self.amount("not-learning", "baseline")
        averaged = self.context.epoch_records
        return averaged and self.readings.first_loss > _ABOVE_CHANCE * chance

    @property
    def was_lost(self) -> bool:
        """Whether what had been learned is gone on the training data, too."""
        readings = self.readings
        learned = readings.best_loss < _LEARNED * readings.first_loss
        return learned and readings.loss > _AS_UNTRAINED * readings.first_loss

    @property
    def was_contradicted(self) -> bool:
        """Whether nearly all answers became wrong while training learned: it teaches other answers.

        Overfitting costs an accuracy some of what it was, and never nearly all.
        """
        wrong = (quantity_of(str(i.metric)) in ANSWERS for i in self.standing("metric-collapse"))
        learned = self.readings.loss < _LEARNED * self.readings.first_loss
        return learned and any(wrong)

    @property
    def configured(self) -> bool:
        """Whether the log holds a configuration: what is absent from it was not set."""
        return bool(self.context.settings)


def third(value: float) -> str:
    """Return about a third of a learning rate, as people write one.

    >>> third(3e-4), third(0.1), third(2.5e-5)
    ('1e-4', '0.03', '8e-6')
    """
    value /= 3
    digits = 10.0 ** floor(log10(value))
    return rate(round(value / digits) * digits)


def rate(value: float) -> str:
    """Return a learning rate as people write it.

    >>> rate(0.0003), rate(0.05), rate(2.5e-05)
    ('3e-4', '0.05', '2.5e-5')
    """
    if value >= 0.01:  # noqa: PLR2004 - from here on people write decimals
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"
