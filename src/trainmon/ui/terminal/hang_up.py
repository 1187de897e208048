"""Notice that the terminal is gone, as when a connection broke: a screen without one would spin."""

import select
from collections.abc import Callable
from threading import Thread


def when_hung_up(descriptor: int, act: Callable[[], None]) -> None:
    """Call `act`, in a thread of its own, once the terminal at `descriptor` has hung up.

    Waiting costs nothing. Where the system cannot tell, nothing is called.
    """
    poll = select.poll()
    poll.register(descriptor, 0)  # a hang-up is told whatever is asked for

    def wait() -> None:
        told = poll.poll()
        if any(event & select.POLLHUP for _, event in told):
            act()

    Thread(target=wait, name="trainmon-terminal", daemon=True).start()
