"""Fuzz one format, guided by coverage: python -m tests.fuzz.target FORMAT FOLDER [OPTIONS].

The options are libFuzzer's. The folder receives what covers something new. Anything found is written beside it as ``crash-*``
and told with its traceback.
"""

import sys
from typing import Any

import atheris


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    with atheris.instrument_imports(include=["trainmon"]):
        from tests.fuzz.property import holds  # noqa: PLC0415 - only what is imported here is guided
        from trainmon.sources import all_sources  # noqa: PLC0415 - likewise

        kind = next(source for source in all_sources() if source.id == sys.argv[1])

    def one_input(data: bytes) -> None:
        if data:
            holds(kind, data)

    options: list[Any] = [sys.argv[0], *sys.argv[2:]]
    atheris.Setup(options, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
