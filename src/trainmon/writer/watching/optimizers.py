"""The optimizers that do the work, below what frameworks wrap around them."""

from collections.abc import Iterable

from torch.optim import Optimizer


def unwrapped(given: Optimizer | Iterable[Optimizer] | None) -> list[Optimizer]:
    """Return the optimizers that were given: none, one, or several that step together.

    Accelerate's and Lightning's own call the step, and so the hooks, of the one they wrap.
    """
    if given is None:
        return []
    several = [given] if isinstance(given, Optimizer) else list(given)
    return [_innermost(optimizer) for optimizer in several]


def _innermost(optimizer: Optimizer) -> Optimizer:
    inner = getattr(optimizer, "optimizer", None)
    return _innermost(inner) if isinstance(inner, Optimizer) else optimizer
