"""A place for one value between two threads: a slow reader drops values and never queues them."""

from threading import Condition
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Latest(Generic[Value]):
    """Holds the newest value until it is taken. Any thread may put and take.

    >>> latest = Latest[int]()
    >>> latest.put(1)
    >>> latest.put(2)
    >>> latest.take(), latest.take()
    (2, None)
    """

    def __init__(self) -> None:
        self._value: Value | None = None
        self._changed = Condition()

    def put(self, value: Value) -> None:
        """Take the place of whatever nobody has taken yet."""
        with self._changed:
            self._value = value
            self._changed.notify()

    def take(self, timeout: float = 0.0) -> Value | None:
        """Return the newest value, waiting up to `timeout` seconds for one; None if none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._value is not None, timeout)
            value, self._value = self._value, None
            return value
