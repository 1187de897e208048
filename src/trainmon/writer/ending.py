"""How a run ended, as the event that its log closes with."""

from trainmon.record import EventKind
from trainmon.writer.origins.secret import without_secrets

_FRAMES_LIMIT = 30
"""Calls kept of a traceback, the innermost: beyond those lie the frameworks' own."""

_MESSAGE_LIMIT = 4_000
"""Characters kept of an exception's message: an out-of-memory report of torch has 1,000."""

_TRACEBACK_LIMIT = 20_000
"""Characters kept of a traceback, from its end, as that is where it says what went wrong."""


def ending(error: BaseException | None) -> tuple[EventKind, dict[str, str]]:
    """Return the event, and its fields, for a ``with`` block that was left by `error`.

    An interruption and ``sys.exit`` are somebody's decision, not a crash.

    >>> ending(SystemExit(3))
    (<EventKind.STOP: 'stop'>, {'why': 'exit 3'})
    """
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return EventKind.FINISH, {"status": "finished"}
    if isinstance(error, KeyboardInterrupt):
        return EventKind.STOP, {"why": "interrupted"}
    if isinstance(error, SystemExit):
        return EventKind.STOP, {"why": f"exit {error.code}"}
    from traceback import TracebackException  # noqa: PLC0415 - most runs need none

    # It tells an exception whose own text cannot be had, where str() would raise.
    told = TracebackException.from_exception(error, limit=-_FRAMES_LIMIT)
    return EventKind.EXCEPTION, {
        "type": _name(type(error)),
        # An address that could not be reached may hold a password.
        "message": without_secrets(str(told)[:_MESSAGE_LIMIT]),
        "traceback": without_secrets("".join(told.format())[-_TRACEBACK_LIMIT:]),
    }


def _name(kind: type[BaseException]) -> str:
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"
