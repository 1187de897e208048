"""When losses tell that labels do not belong to their inputs, or only that learning is slow."""

from trainmon.causes.facts import Facts


def val_was_apart(facts: Facts) -> bool:
    """Return whether validation was far worse than training before anything was known by heart.

    In the first epoch all samples of training are new, as those of validation are: a model that
    does well on the ones and never again better on the others has other labels there.
    """
    if not facts.best_val_is_first or facts.metrics_rose or facts.of("data-duplication"):
        return False
    new = facts.amount("overfitting", "best_epoch") <= 1
    apart = facts.amount("overfitting", "train_at_best") < _APART * facts.best_val_loss
    return new and apart and facts.best_val_loss > 0


_APART = 0.85
"""Of the best validation loss: a training loss below it, of samples that are new, is no noise."""


def shares_alone(facts: Facts) -> bool:
    """Return whether training came to where the shares of the classes bring it, and stays there.

    Gradients are as they should be, so that more would be learned if there were more to learn.
    """
    readings, level = facts.readings, facts.chance
    ordinary = readings.grad_norm >= max(_SMALL_NORM, _GONE * readings.first_grad_norm)
    if not ordinary or readings.was_thrown_off or facts.metrics_rose or facts.had_learned:
        return False
    if facts.val_stands_at_train:
        return True
    came = abs(readings.loss - level) <= _AT_LEVEL * level
    fell = readings.first_loss > (1 + _AT_LEVEL) * level
    return came and fell and facts.best_val_loss >= _OF_CHANCE * level


_SMALL_NORM = 1e-3
"""A gradient norm of which little comes."""

_GONE = 0.02
"""Of the first gradient norm: below it gradients are lost."""

_AT_LEVEL = 0.05
"""Of a level: a training loss as near is there."""

_OF_CHANCE = 0.97
"""Of the chance level: a validation loss that was never below it has learned nothing."""


def learns_slowly(facts: Facts) -> bool:
    """Return whether validation goes on to get better, by more than the shares of the classes.

    A loss that comes down to that of a guess, at a rate that is ordinary, only grows unsure.
    """
    if not facts.val_loss_goes_down or shares_alone(facts):
        return False
    ordinary = facts.readings.lr >= _ORDINARY_RATE and facts.optimizer not in _PLAIN
    guesses = facts.best_val_loss >= _GUESS * facts.chance and not facts.metrics_rose
    return not (ordinary and guesses)


_ORDINARY_RATE = 1e-4
"""A learning rate from which on a few hundred steps teach what there is, if steps are scaled."""

_PLAIN = frozenset({"sgd", "momentum", "nesterov"})
"""Optimizers that do not scale their steps."""

_GUESS = 0.99
"""Of a chance level: a validation loss that was never below it is that of a guess."""
