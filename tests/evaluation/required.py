"""What the figures of an evaluation must reach."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.evaluation.figures import Figures


@dataclass(frozen=True, slots=True)
class Requirement:
    """One figure and its limit."""

    name: str
    words: str
    """The limit as it is printed."""
    met: Callable[[Figures], bool]


REQUIREMENTS = (
    Requirement("injected faults found", ">= 0.97", lambda f: f.found.value >= 0.97),
    Requirement("primary cause right", ">= 0.85", lambda f: f.right.value >= 0.85),
    Requirement("right among the first two", ">= 0.95", lambda f: f.nearly_right.value >= 0.95),
    Requirement("false warnings per healthy run", "<= 0.02", lambda f: f.false_per_run <= 0.02),
)


def unmet(told: Figures) -> list[str]:
    """Return what keeps an evaluation from being passed, in words; nothing if it is."""
    missing = [
        f"there are no {kind} logs"
        for kind, share in (("faulty", told.found), ("healthy", told.alarmed_logs))
        if not share.total
    ]
    broken = [f"{told.failures} judgements broke"] if told.failures else []
    missed = [f"{r.name} {r.words}: missed" for r in REQUIREMENTS if not r.met(told)]
    return [*missing, *broken, *missed]
