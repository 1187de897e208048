"""When a file in no known format is worth another look, now that it grew."""

from pathlib import Path

_GROWTH_SHARE = 1 / 16
"""Growth at which it is looked at again: doing so for each new line would take a whole core."""

_SPARED = 20
"""Times that it changed by less before it is looked at all the same: seconds of a live log."""

_Look = tuple[int, int]


class SecondLook:
    """Remembers how a file was when its content told no format. Owned by its file."""

    def __init__(self, path: Path) -> None:
        self.wanted = False
        """Whether it was looked at in vain."""
        self._path = path
        self._seen: _Look | None = None
        self._spared = 0

    def was_in_vain(self) -> bool:
        """Note a look at all there is; return whether it is the first at the file as it is."""
        look, before = _look(self._path), self._seen
        self.wanted, self._seen, self._spared = True, look, 0
        return look != before

    def worthwhile(self) -> bool:
        """Return whether the file is to be looked at: for the first time, or again."""
        if not self.wanted:
            return True
        look = _look(self._path)
        if look == self._seen:
            return False
        if look is None or self._seen is None:
            return True
        self._spared += 1
        (size, _), (seen, _) = look, self._seen
        little = seen <= size < seen + seen * _GROWTH_SHARE
        return not little or self._spared >= _SPARED


def _look(path: Path) -> _Look | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
