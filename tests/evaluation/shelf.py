"""Trainings that were made before, kept in a folder under what they were made by.

The key is a hash of the sources that make a training: the loop, the task, the family of the recipe,
and what of trainmon's writer it calls. A change to any of them trains anew.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import orjson
import torch

import trainmon.writer.summaries as writer_summaries
from tests.evaluation import training
from tests.evaluation.catalogue import family
from trainmon.store.batch import Record

PRESSED = 1
"""Of zlib: a tenth of the size for a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a training."""

    records: Sequence[Record]
    onset: float
    acted: bool
    """Whether it became what its recipe says."""


def taken(folder: Path, recipe: str, task: str, seed: int) -> Kept | None:
    """Return a training from the shelf, None if it is not there."""
    path = _path(folder, recipe, task, seed)
    if not path.exists():
        return None
    kept = orjson.loads(zlib.decompress(path.read_bytes()))
    return Kept(kept["records"], kept["onset"], kept["acted"])


def put(folder: Path, recipe: str, task: str, seed: int, kept: Kept) -> None:
    """Keep a training; another process that does so at the same time writes the same."""
    path = _path(folder, recipe, task, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"records": kept.records, "onset": kept.onset, "acted": kept.acted}
    part = path.with_suffix(f".{np.random.default_rng().integers(1 << 48):x}")
    part.write_bytes(zlib.compress(orjson.dumps(told), PRESSED))
    part.replace(path)


def _path(folder: Path, recipe: str, task: str, seed: int) -> Path:
    made_by = sha256(_sources(recipe, task)).hexdigest()[:16]
    return folder / f"{recipe}-{task}-{seed}-{made_by}.json.z"


@cache
def _sources(recipe: str, task: str) -> bytes:
    own = [Path(str(family(recipe).__file__)), Path(__file__).parent / "tasks" / f"{task}.py"]
    shared = [path for package in (training, writer_summaries) for path in _files(package.__path__)]
    versions = f"{torch.__version__} {np.__version__}".encode()
    return versions + b"".join(path.read_bytes() for path in [*own, *shared])


def _files(folders: Sequence[str]) -> list[Path]:
    return sorted(path for folder in folders for path in Path(folder).glob("*.py"))
