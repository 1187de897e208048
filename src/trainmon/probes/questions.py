"""Asks a driver about one card, each question guarded by itself."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any


class Trouble(Enum):
    """What an error of a driver means for those who go on asking."""

    UNSUPPORTED = auto()
    """The card does not tell this; asking again costs time and gives nothing."""
    FORBIDDEN = auto()
    """We may not know this; likewise."""
    LOST = auto()
    """The card does not answer any more."""
    GONE = auto()
    """The driver does not answer any more."""
    PASSING = auto()
    """It may be told the next time."""


class Questions:
    """Puts questions about one card to a library, by the names of its functions.

    What is not supported, or not allowed, is asked once. An error that is of the whole card or of
    the driver is raised, so that no time is lost with the questions that are left. `tell` is told
    what is being asked, for a call that never returns. Owned by the thread that samples.
    """

    def __init__(
        self,
        library: Any,  # noqa: ANN401 - the binding is untyped
        card: str,
        trouble_of: Callable[[Exception], Trouble],
        tell: Callable[[str], None],
    ) -> None:
        self.refused: dict[str, Trouble] = {}
        """What is not told, by what was asked."""
        self._library = library
        self._card = card
        self._trouble_of = trouble_of
        self._tell = tell

    def ask(self, what: str, function: str, *arguments: Any) -> Any:  # noqa: ANN401 - likewise
        """Return what a function of the library gives, or None."""
        if what in self.refused:
            return None
        self._tell(f"{self._card}: {what}")
        try:
            return getattr(self._library, function)(*arguments)
        except AttributeError:  # a binding that is older than the question
            self.refused[what] = Trouble.UNSUPPORTED
        except Exception as error:
            trouble = self._trouble_of(error)
            if trouble in {Trouble.LOST, Trouble.GONE}:
                raise
            if trouble is not Trouble.PASSING:
                self.refused[what] = trouble
        return None

    def ask_either(self, what: str, function: str, older: str, *arguments: Any) -> Any:  # noqa: ANN401 - likewise
        """Return what a function gives, or the one that older drivers have in its place."""
        told = self.ask(what, function, *arguments)
        if self.refused.get(what) is Trouble.UNSUPPORTED:
            return self.ask(f"{what} of an older driver", older, *arguments)
        return told

    def leave(self, what: str) -> None:
        """Ask this no more: it is answered, but with nothing."""
        self.refused[what] = Trouble.UNSUPPORTED

    def notes(self, expected: frozenset[str]) -> list[str]:
        """Return in words what is not told of what is expected, and what we may not know."""
        missing = [
            what
            for what, why in self.refused.items()
            if why is Trouble.UNSUPPORTED and what in expected
        ]
        forbidden = [what for what, why in self.refused.items() if why is Trouble.FORBIDDEN]
        notes = []
        if missing:
            notes.append(f"{self._card} does not tell its {', '.join(missing)}")
        if forbidden:
            notes.append(f"{self._card}: no permission to read {', '.join(forbidden)}")
        return notes
