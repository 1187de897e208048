"""The cases of the evaluation, trained one after the other or taken from a shelf.

One training yields its log as a whole and as others would have kept it. A job names a training in
plain words, so that several processes can share the work: ``pool.map(trained, jobs(...))``.
"""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import torch

from tests.evaluation import shelf
from tests.evaluation.case import Case, Half
from tests.evaluation.catalogue import recipes, tasks
from tests.evaluation.recipe import FaultRecipe, Recipe
from tests.evaluation.training.loop import run
from tests.evaluation.training.outcome import Outcome
from tests.evaluation.training.training import Shown, Training
from tests.evaluation.variants import WHOLE, told, variants_of

TRAININGS = 2
"""Of each faulty recipe in each half."""

HEALTHY_TRAININGS = 2
"""Of each healthy recipe in each half."""

OTHER_VARIANTS = 3
"""Of each training, beside its whole log."""

FIRST_SEED: dict[Half, int] = {"tuning": 0, "reported": 15_000}
"""No seed is shared by the halves."""

SEEDS = 300
"""Of a half; which of them a training has depends on its names alone, whatever else there is."""


@dataclass(frozen=True, slots=True)
class Job:
    """One training: which recipe, on which task, from which seed."""

    recipe: str
    task: str
    seed: int
    turn: int
    """Which of the other variants it shows: they take turns."""
    quick: bool = False
    """Whether its whole log is enough."""


def cases(
    *,
    half: Half,
    quick: bool = False,
    only: Collection[str] | None = None,
    cache: Path | None = None,
) -> Iterator[Case]:
    """Yield the cases of a half as they are trained; `only` names recipes, `cache` a folder."""
    for job in jobs(half=half, quick=quick, only=only):
        yield from trained(job, cache)


def jobs(*, half: Half, quick: bool = False, only: Collection[str] | None = None) -> list[Job]:
    """Return the trainings of a half; the quick ones are one of each recipe."""
    found = []
    for recipe in recipes().values():
        if only is None or recipe.name in only:
            found += list(_jobs_of(recipe, half, quick=quick))
    return found


def _jobs_of(recipe: Recipe, half: Half, *, quick: bool) -> Iterator[Job]:
    own = [name for name in recipe.tasks if tasks()[name].half == half]
    wanted = TRAININGS if isinstance(recipe, FaultRecipe) else max(HEALTHY_TRAININGS, len(own))
    for index in range(1 if quick else wanted):
        task = own[index % len(own)]
        seed = FIRST_SEED[half] + crc32(f"{recipe.name} {task} {index}".encode()) % SEEDS
        yield Job(recipe.name, task, seed, crc32(recipe.name.encode()) + index, quick)


def trained(job: Job, cache: Path | None = None) -> list[Case]:
    """Return the cases of one training; none, with a word on stderr, if its fault did not act."""
    recipe, task = recipes()[job.recipe], tasks()[job.task]
    kept = shelf.taken(cache, job.recipe, job.task, job.seed) if cache else None
    if kept is None:
        outcome = outcome_of(job)
        acted = bool(recipe.check(outcome))
        onset = recipe.onset(outcome) if isinstance(recipe, FaultRecipe) else 0.0
        kept = shelf.Kept(outcome.records, onset, acted)
        if cache:
            shelf.put(cache, job.recipe, job.task, job.seed, kept)
    if not kept.acted:
        sys.stderr.write(f"{job.recipe} / {job.task} / seed {job.seed} came out otherwise\n")
        return []
    lines = sum("train/loss" in record for record in kept.records)
    chosen = variants_of(recipe, lines, job.turn, OTHER_VARIANTS)
    fault = None
    if isinstance(recipe, FaultRecipe):
        fault = recipe.fault(kept.onset)
    return [
        Case(
            recipe=job.recipe,
            task=job.task,
            seed=job.seed,
            half=task.half,
            variant=variant,
            records=told(kept.records, variant),
            fault=fault,
        )
        for variant in ([WHOLE] if job.quick else chosen)
    ]


def outcome_of(job: Job) -> Outcome:
    """Return what becomes of a training."""
    torch.set_num_threads(1)  # others share the machine, and so small a network gains nothing
    return run(_training(job))


def _training(job: Job) -> Training:
    recipe, task = recipes()[job.recipe], tasks()[job.task]
    settings = replace(task.settings, lr=task.settings.lr * recipe.lr_times)
    settings = replace(settings, **recipe.settings)
    training = Training(task, settings, job.seed, recipe.pace)
    style = recipe.style or ("writer" if job.turn % 2 else "plain")
    training.shown = Shown(**{"style": style, **recipe.shown})
    for twist in recipe.twists:
        twist(training)
    return training
