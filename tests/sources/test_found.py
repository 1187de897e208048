"""What fuzzing has found stays found."""

from pathlib import Path

import pytest

from tests.fuzz.property import holds
from tests.fuzz.run import FOUND
from trainmon.sources import all_sources

_SOURCES = {source.id: source for source in all_sources()}
_INPUTS = sorted(path for path in FOUND.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", _INPUTS, ids=[f"{p.parent.name}/{p.name}" for p in _INPUTS])
def test_what_broke_a_format_breaks_it_no_more(path: Path) -> None:
    holds(_SOURCES[path.parent.name], path.read_bytes())


def test_what_was_found_belongs_to_formats_there_are() -> None:
    assert {path.parent.name for path in _INPUTS} <= set(_SOURCES)
