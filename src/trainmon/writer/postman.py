"""The background thread of an outbox: there when the training does not log for a while."""

import atexit
import contextlib
import threading
import weakref

from trainmon.writer.outbox import Outbox


def serve(outbox: Outbox) -> None:
    """Start the thread that attends to `outbox`, and settle it if the script ends without that."""
    # A daemon, as a script must be able to end without a word to its writer.
    thread = threading.Thread(target=_attend, args=(outbox,), name="trainmon", daemon=True)
    thread.start()
    box = weakref.ref(outbox)

    def settle() -> None:
        if (left := box()) is not None:
            with contextlib.suppress(Exception):
                left.settle()

    atexit.register(settle)


def _attend(outbox: Outbox) -> None:
    with contextlib.suppress(Exception):
        while outbox.attend():
            pass
