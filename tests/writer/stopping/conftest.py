"""What the tests of stopping share: a writer whose words on stderr can be read."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trainmon import Writer

Events = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(folder: Path, stderr: io.StringIO) -> Iterator[Writer]:
    with Writer(folder, stderr=stderr) as writer:
        yield writer


@pytest.fixture
def events(log: Writer, read: Callable[[Path], list[dict[str, Any]]]) -> Events:
    """Return a function that gives the events of a kind that are in the log so far."""

    def of_kind(kind: str) -> list[dict[str, Any]]:
        return [line for line in read(Path(log.path)) if line.get("event") == kind]

    return of_kind
