"""The end of a run, told where a framework tells it, and else at the exit of the process.

The callbacks of most frameworks learn of a training that ended well, and not of an exception. But
the interpreter keeps the exception that it died of, and calls what is registered here after it.
"""

import atexit
import os
import sys
from collections.abc import Callable
from typing import Any

from trainmon.writer import Writer
from trainmon.writer.ending import ending


def tell_end(log: Writer, error: BaseException | None = None) -> None:
    """Say that the training ended, by `error` if it did, and leave the writer open.

    An evaluation may follow, or another training, and scripts log through the writer at the end.
    """
    log.settle()
    kind, told = ending(error)
    fields: dict[str, Any] = {**told}
    log.event(kind, **fields)


class AtExit:
    """Ends a run at the exit of the process that asked for it, unless that is called off."""

    def __init__(self) -> None:
        self._end: Callable[[], None] | None = None

    def end(self, log: Writer, otherwise: Callable[[], None]) -> None:
        """Have the run of `log` ended by the exception that nobody caught, if there is one.

        `otherwise` is called if there is none. A process that is killed comes to neither: its
        header says which one it was, and readers see it gone.
        """
        process = os.getpid()

        def end() -> None:
            if os.getpid() != process:  # a forked child has its parent's registrations
                return
            error = uncaught()
            if error is None:
                otherwise()
            else:
                log.__exit__(type(error), error, error.__traceback__)

        self.call_off()
        self._end = end
        atexit.register(end)

    def call_off(self) -> None:
        """Leave the end to others; without one to call off, nothing happens."""
        if self._end is not None:
            atexit.unregister(self._end)
            self._end = None


def uncaught() -> BaseException | None:
    """Return the exception that ends this process, or None.

    In an interactive session an exception ends nothing, and the last one may be about anything.
    """
    if hasattr(sys, "ps1"):
        return None
    return getattr(sys, "last_value", None)
