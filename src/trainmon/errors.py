"""Everything trainmon raises on purpose, each with a hint that says what to do next.

    TrainmonError
    ├── UsageError      the command line or an argument was misused
    ├── WriterError     a run cannot be logged as asked: its folder, rank or expectations
    ├── NonFiniteLossError  a loss was NaN or infinite, and the script asked to be told so
    ├── ReadError       a path cannot be read
    │   └── FormatError its content is in no format that trainmon knows
    ├── MissingFrameworkError  what an integration is for is not installed (`trainmon.integrations`)
    ├── ThemeError      a theme file is broken
    └── UnknownNameError  no rule, cause, theme or fault of that name; names those there are

They are rendered once, by ``trainmon.cli``, as one line on stderr.
"""

from collections.abc import Iterable


class TrainmonError(Exception):
    """The base of all errors meant for people: what happened, and a hint.

    >>> str(TrainmonError("cannot open 'logs'", hint="create it first"))
    "cannot open 'logs' (create it first)"
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the message with its hint in parentheses."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(TrainmonError):
    """The command line or an argument was misused."""


class WriterError(TrainmonError):
    """A run cannot be logged as asked: its folder, its rank or its expectations make no sense."""


class NonFiniteLossError(TrainmonError, FloatingPointError):
    """A loss was NaN or infinite, and the writer was told to raise then."""

    def __init__(self, name: str, step: float | None) -> None:
        where = "" if step is None else f" at step {step:g}"
        super().__init__(
            f"{name} is not finite{where}", hint="the log's last lines and its events tell more"
        )


class ReadError(TrainmonError):
    """A path cannot be read."""


class FormatError(ReadError):
    """The content of a file is in no format that trainmon knows."""


class ThemeError(TrainmonError):
    """A theme file is broken."""


class UnknownNameError(TrainmonError):
    """A name that is not in the list; the message names what there is.

    >>> print(UnknownNameError("rule", "nan", ["non-finite", "stalled"]))
    no rule 'nan'; there are: non-finite, stalled
    """

    def __init__(self, kind: str, name: str, available: Iterable[str]) -> None:
        super().__init__(f"no {kind} '{name}'; there are: {', '.join(sorted(available))}")
