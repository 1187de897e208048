"""A case as the folder that its run would have left behind.

    python -m tests.evaluation.logs FOLDER [--recipe NAME ...] [--half tuning|reported]

writes the logs of some recipes, of all if none is named, to be looked at with ``trainmon``.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from tests.evaluation.case import Case, Variant
from trainmon.record import EVENT_KEY, HEADER_KEY, rank_file, spell
from trainmon.store.batch import Record


def write_log(folder: Path, case: Case) -> Path:
    """Write the log of a case as a run of its own in a folder, and return the run's folder."""
    run = folder / case.name.replace(" / ", "_").replace(", ", "_").replace(" ", "-")
    run.mkdir(parents=True, exist_ok=True)
    (run / rank_file(0)).write_bytes(spelled_lines(case.records))
    return run


def spelled_lines(records: Sequence[Record]) -> bytes:
    """Return records as lines of strict JSON, with numbers that are not finite as strings."""
    return b"".join(orjson.dumps(_spelled(record)) + b"\n" for record in records)


def metrics_of(records: Sequence[Record]) -> list[Record]:
    """Return the records of numbers alone: no header, no event, which other tools do not know."""
    return [r for r in records if EVENT_KEY not in r and HEADER_KEY not in r]


def _spelled(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value in which what JSON cannot tell is spelled."""
    if isinstance(value, float):
        return value if isfinite(value) else spell(value)
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(item) for item in value]
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the logs that the arguments ask for, and tell where each lies; return the exit code."""
    from tests.evaluation.cases import cases  # noqa: PLC0415 - loads what trains; scoring does without

    parser = ArgumentParser("python -m tests.evaluation.logs", description="Write chosen logs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recipe", action="append", metavar="NAME", help="may be repeated")
    parser.add_argument("--half", choices=("tuning", "reported"), default="tuning")
    parser.add_argument("--whole", action="store_true", help="no logs that lack something")
    wanted = parser.parse_args(arguments)
    for case in cases(half=wanted.half, only=wanted.recipe):
        if case.variant == Variant() or not wanted.whole:
            sys.stdout.write(f"{write_log(wanted.folder, case)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
