"""Fixtures of the loader's tests."""

from pathlib import Path

import pytest

from tests.writer.loading.logbook import Clock, Logbook


@pytest.fixture
def log(folder: Path) -> Logbook:
    return Logbook(folder)


@pytest.fixture
def clock() -> Clock:
    return Clock()
