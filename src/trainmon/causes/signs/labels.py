"""What tells that labels do not belong to their inputs, or only that learning is slow."""

from trainmon.causes.facts import OF_CHANCE, Facts


def train_falls_alone(facts: Facts) -> bool:
    """Return whether training falls from an ordinary start while validation stays at chance."""
    falls = any(i.evidence.get("train_falls") is True for i in facts.of("not-learning"))
    readings = facts.readings
    by_heart = readings.loss < _BY_HEART * readings.first_loss  # overfitting does that as well
    overfits = by_heart and not facts.val_never_better
    return falls and not readings.begins_huge and not overfits and not facts.had_learned


_BY_HEART = 0.05
"""Of the first loss."""


def validation_disagrees(facts: Facts) -> bool:
    """Return whether what is learned was never of use in validation, or makes it all wrong."""
    return facts.val_never_learned or facts.was_contradicted or val_was_apart(facts)


def gradients_are_healthy(facts: Facts) -> bool:
    """Return whether a run that does not learn moves its weights, and its answers, as others do."""
    readings = facts.readings
    spoiled = facts.standing("class-collapse", "frozen-metric")
    if spoiled or facts.of("grad-vanishing", "clip-saturation") or facts.had_learned:
        return False
    if not facts.standing("not-learning"):
        return False  # it learned in the end: its labels were right
    moves = not readings.update_ratio < _SMALL_UPDATE
    pushed = not readings.grad_norm < _SMALL_NORM
    slow = learns_slowly(facts)  # what is learned is of use in validation
    was_thrown = readings.was_thrown_off or facts.began_above_chance
    return moves and pushed and not slow and not was_thrown


_SMALL_UPDATE = 1e-5
"""Of the weights per step."""


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
    return came and fell and facts.best_val_loss >= OF_CHANCE * level


_SMALL_NORM = 1e-3
"""A gradient norm of which little comes."""

_GONE = 0.02
"""Of the first gradient norm: below it gradients are lost."""

_AT_LEVEL = 0.05
"""Of a level: a training loss as near is there."""


def learns_slowly(facts: Facts) -> bool:
    """Return whether validation goes on to get better, by more than the shares of the classes.

    A loss that comes down to that of a guess, at a rate that is ordinary, only grows unsure.
    """
    if not facts.val_loss_goes_down or shares_alone(facts):
        return False
    ordinary = facts.readings.lr >= _ORDINARY_RATE and not facts.steps_plainly
    guesses = facts.best_val_loss >= _GUESS * facts.chance and not facts.metrics_rose
    return not (ordinary and guesses)


_ORDINARY_RATE = 1e-4
"""A learning rate from which on a few hundred steps teach what there is, if steps are scaled."""

_GUESS = 0.99
"""Of a chance level: a validation loss that was never below it is that of a guess."""
