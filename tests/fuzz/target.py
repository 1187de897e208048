"""Fuzz one format, guided by coverage: python -m tests.fuzz.target FORMAT FOLDER [OPTIONS].

The options are libFuzzer's. The folder receives what covers something new. Anything found is
written to where ``-artifact_prefix`` says, and told with its traceback.
"""

import sys
from random import Random
from typing import Any

import atheris

from tests.fuzz.mutations import changed


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    with atheris.instrument_imports(include=["trainmon"]):
        from tests.fuzz.property import holds  # noqa: PLC0415 - only what is imported here is guided
        from trainmon.sources import all_sources  # noqa: PLC0415 - likewise

        kind = next(source for source in all_sources() if source.id == sys.argv[1])

    def one_input(data: bytes) -> None:
        if data:
            holds(kind, data)

    def mutated(data: bytes, longest: int, seed: int) -> bytes:
        """Return an input with other lines, or as often with other bytes."""
        if seed % 2 or not data:
            return bytes(atheris.Mutate(data, longest))
        random = Random(seed)  # noqa: S311 - repeatable, and no secret
        return (data[:1] + changed(data[1:], random))[:longest]

    # What libFuzzer starts once more to make an input smaller, through a shell.
    itself = f"{sys.executable} -m tests.fuzz.target {kind.id}"
    options: list[Any] = [itself, *sys.argv[2:]]
    atheris.Setup(options, one_input, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
