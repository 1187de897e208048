"""The background thread of an outbox: there when the training does not log for a while."""

import atexit
import contextlib
import threading

from trainmon.writer.delivery.outbox import Outbox


def serve(outbox: Outbox) -> None:
    """Start the thread that attends to `outbox`, and settle it if the script ends without that.

    Where no thread can be started, the box is left to those who put something into it.
    """

    def close() -> None:
        with contextlib.suppress(Exception):
            outbox.close()

    def attend() -> None:
        going = True
        while going:
            with contextlib.suppress(Exception):
                going = outbox.attend()
        close()
        atexit.unregister(close)

    atexit.register(close)
    # A daemon, as a script must be able to end without a word to its writer.
    thread = threading.Thread(target=attend, name="trainmon", daemon=True)
    with contextlib.suppress(RuntimeError):
        thread.start()
        outbox.attended = True
