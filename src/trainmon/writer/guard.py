"""Keeps what fails in trainmon from the training that it watches."""

from typing import TYPE_CHECKING

from trainmon.errors import NonFiniteLossError
from trainmon.writer.losses import Losses, words

if TYPE_CHECKING:  # needed by annotations alone
    from types import TracebackType


class Guard:
    """Swallows what a ``with`` block raises, and tells it once as ``<what> failed``.

    An error that the script asked for passes, and so does what is no `Exception`.
    """

    __slots__ = ("_losses", "_what")

    def __init__(self, what: str, losses: Losses) -> None:
        self._what = what
        self._losses = losses

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: "TracebackType | None",
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, NonFiniteLossError):
            return False
        what = self._what
        self._losses.tell((what, kind), f"{what} failed: {words(error, repr)}; training goes on")
        return True
