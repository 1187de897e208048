"""What `help()` says of a writer: every method tells what it costs and raises, and shows a use."""

import inspect
import re
from collections.abc import Callable

import pytest

from trainmon import Writer

METHODS = [
    pytest.param(member, id=name)
    for name, member in inspect.getmembers(Writer, inspect.isfunction)
    if not name.startswith("_") and name != "close"  # another name of `finish`
]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_tells_its_cost_and_its_errors_and_shows_a_use(
    method: Callable[..., object],
) -> None:
    told = inspect.getdoc(method) or ""
    assert ">>> " in told
    assert re.search(r"\b[Cc]osts\b", told), "no cost"
    assert re.search(r"\b[Rr]aises\b", told), "no errors"
