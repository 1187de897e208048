"""Where the lines of any console stand: epochs told ahead, steps without a name, planned totals."""

from collections.abc import Sequence

from trainmon.console.numbers import value
from trainmon.console.plan import Plan
from trainmon.console.shape import Field
from trainmon.store.batch import Record


class Places:
    """Follows the positions that a console tells. Owned by one source."""

    def __init__(self) -> None:
        self.epoch: float | None = None
        """The epoch that was told last; lines without one are of it."""
        self.rounds = 0
        """Bars that started again where no epoch was told: each is taken for an epoch."""
        self.told_by: dict[str, None] = {}
        """What the positions were read from, in words."""
        self._first_epoch = 1.0
        self._length: float | None = None
        self._measured = False  # whether the length is that of bars with metrics
        self._bar = 0.0
        self._told_behind = False  # whether an epoch is told when its bar is over

    def of(self, plan: Plan, numbers: Sequence[str]) -> Record:
        """Return the step and the epoch of a line; nothing of what it does not tell.

        A step without a name is a batch of its epoch, and is counted through from the first one.
        """
        if plan.epoch:
            told = value(numbers[plan.epoch.at])
            if self.epoch is None:
                self._first_epoch = min(1.0, told)  # epochs are counted from 0 or from 1
                self._told_behind = not plan.within and self._bar_is_over()
            self.epoch = told
            self._tell(plan.epoch)
        beyond = self._told_behind and plan.within and not plan.epoch
        place: Record = {} if self.epoch is None or beyond else {"epoch": self.epoch}
        if plan.step is None:
            return place
        step = value(numbers[plan.step.at])
        total = _total(plan.step, numbers)
        if plan.within:
            self._measure(total or step, sure=plan.telling and not plan.evaluates)
            if plan.evaluates or (total or step) != self._length:
                return place  # it counts the batches of something else
            self.told_by["fractions without a name"] = None
            step += self._epochs_over(step) * self._length
        elif plan.evaluates and total is not None:
            return place
        else:
            self._tell(plan.step)
        return {**place, "step": step}

    def planned(self, plan: Plan, numbers: Sequence[str]) -> dict[str, float]:
        """Return what totals behind positions tell of the run's planned length."""
        settings = {}
        step, epoch = plan.step, plan.epoch
        if epoch and (epochs := _total(epoch, numbers)) is not None:
            settings["epochs"] = epochs
        # "step 10/1000, epoch 2" counts the whole run; "epoch 2, step 10/1000" one epoch of it.
        counts_all = step and (step.at < epoch.at if epoch else self.epoch is None)
        if step and counts_all and not (plan.within or plan.evaluates):
            steps = _total(step, numbers)
            settings |= {} if steps is None else {"total_steps": steps}
        return settings

    def _epochs_over(self, step: float) -> float:
        """Return how many epochs are over at a step without a name."""
        if self.epoch is not None and not self._told_behind:
            return self.epoch - self._first_epoch
        if step < self._bar and self._bar_is_over():
            self.rounds += 1
        self._bar = step
        return float(self.rounds)

    def _bar_is_over(self) -> bool:
        return self._length is not None and self._bar >= self._length - 1

    def _measure(self, length: float, *, sure: bool) -> None:
        """Take in how long an epoch may be: bars of a tokenizer or a sanity check come first."""
        if self._length is None or (sure and not self._measured):
            self._length, self._bar, self.rounds = length, 0.0, 0
        self._measured |= sure

    def _tell(self, field: Field) -> None:
        self.told_by.setdefault(f"'{field.key}'" if field.key else "the numbers in brackets")


def _total(field: Field, numbers: Sequence[str]) -> float | None:
    return None if field.total is None else value(numbers[field.total])
