"""A framework that cannot be imported, as an error that says what to do about it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from trainmon.errors import TrainmonError


class MissingFrameworkError(TrainmonError, ImportError):
    """The framework that an integration is for is not installed, or is broken."""


@contextmanager
def framework(name: str, *, package: str = "") -> Iterator[None]:
    """Turn an `ImportError` of the imports in this block into a `MissingFrameworkError`.

    `name` is the module that is imported, `package` what pip calls it, if that is another name.

    >>> with framework("no_such_framework", package="nsf"):
    ...     import no_such_framework
    Traceback (most recent call last):
    trainmon.integrations.framework.MissingFrameworkError: no_such_framework is not installed, \
and this integration is for it (pip install nsf)
    """
    package = package or name
    try:
        yield
    except ImportError as error:
        missed = (error.name or "").partition(".")[0]
        if missed == name and sys.modules.get(name) is None:
            raise MissingFrameworkError(
                f"{name} is not installed, and this integration is for it",
                hint=f"pip install {package}",
            ) from error
        # It is there, but something that it needs is not, or is of another version.
        absent = isinstance(error, ModuleNotFoundError) and missed not in {"", name}
        hint = f"pip install {missed}" if absent else f"pip install -U {package}"
        raise MissingFrameworkError(f"{name} cannot be imported: {error}", hint=hint) from error
