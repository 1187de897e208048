"""The end of a run whose framework does not tell it: at the exit of the process.

The callbacks of most frameworks learn of a training that ended well, and not of an exception. But
the interpreter keeps the exception that it died of, and calls what is registered here after it.
"""

import atexit
import os
import sys
from collections.abc import Callable

from trainmon.writer import Writer


def end_at_exit(log: Writer, otherwise: Callable[[], None]) -> Callable[[], None]:
    """Have the run of `log` ended at the exit of this process; return what calls that off.

    It ends by the exception that nobody caught; `otherwise` is called if there was none. A process
    that is killed comes to neither: its header says which one it was, and readers see it gone.
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

    atexit.register(end)

    def call_off() -> None:
        atexit.unregister(end)

    return call_off


def uncaught() -> BaseException | None:
    """Return the exception that ends this process, or None.

    In an interactive session an exception ends nothing, and the last one may be about anything.
    """
    if hasattr(sys, "ps1"):
        return None
    return getattr(sys, "last_value", None)
