"""This machine as one probe: its GPUs and its host, and what of it belongs to the runs."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from trainmon.probes.aside import Aside
from trainmon.probes.gpus import Gpus
from trainmon.probes.sample import Sample
from trainmon.probes.visible import visible
from trainmon.probes.whole_host import WholeHost
from trainmon.text import clean
from trainmon.view import Machine

_PATIENCE = 1.0
"""Seconds that a sample waits for a probe that was just asked; after that it goes without it until
it answers. A driver that keeps its state loaded needs a hundredth."""


class MachineProbe:
    """Samples everything that can be read of this machine, each part in a thread of its own.

    A part that hangs is told, and the others go on. Owned by the thread that samples.
    """

    def __init__(
        self,
        parts: Sequence[Aside] | None = None,
        *,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = WholeHost()
        self._parts = parts or (Aside("GPU", Gpus()), Aside("host", self._host))
        self._patience = patience
        self._clock = clock

    def sample(self, pids: Collection[int] = ()) -> Machine:
        """Return what is read now; `pids` are the processes of the runs that are watched."""
        self._host.pids = tuple(pids)
        for part in self._parts:
            part.ask()
        samples = [part.answer(self._patience) for part in self._parts]
        every = _merged(samples)
        return Machine(
            self._clock(),
            every.readings,
            {key: clean(name) for key, name in every.names.items()},
            tuple(map(clean, every.notes)),
            tuple(replace(each, name=clean(each.name)) for each in every.processes),
            {pid: _gpus_of(pid, every) for pid in pids},
            every.cores,
            {
                part.what: sample.seconds
                for part, sample in zip(self._parts, samples, strict=True)
                if sample.seconds
            },
        )


def _gpus_of(pid: int, every: Sample) -> tuple[str, ...]:
    """Return the GPUs on which a run holds memory; if none is known, those that it may use."""
    held = tuple(dict.fromkeys(each.gpu for each in every.processes if each.run == pid))
    if held or pid not in every.choices:
        return held
    return visible(every.cards, every.choices[pid])


def _merged(samples: Sequence[Sample]) -> Sample:
    """Return some samples as one; who holds memory of a GPU is matched to the runs."""
    trees = {pid: tree for sample in samples for pid, tree in sample.trees.items()}
    owners = {each: pid for pid, tree in trees.items() for each in tree}
    return Sample(
        {name: value for sample in samples for name, value in sample.readings.items()},
        {name: called for sample in samples for name, called in sample.names.items()},
        tuple(note for sample in samples for note in sample.notes),
        tuple(
            replace(process, run=owners.get(process.pid))
            for sample in samples
            for process in sample.processes
        ),
        tuple(card for sample in samples for card in sample.cards),
        trees,
        {pid: choice for sample in samples for pid, choice in sample.choices.items()},
        next((sample.cores for sample in samples if sample.cores), b""),
    )
