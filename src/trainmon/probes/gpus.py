"""The GPUs of this machine, of whichever make, and who holds memory of them by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from trainmon.probes.amd import AmdProbe
from trainmon.probes.aside import Probe
from trainmon.probes.nvml import NO_DRIVER, NvmlProbe
from trainmon.probes.process import name_of
from trainmon.probes.sample import GpuProcess, Sample


class Gpus:
    """Reads the first make that has cards here: a chip that only draws the desktop comes later.

    `name` tells what a process is called. Owned by the thread that samples.
    """

    def __init__(
        self,
        probes: Sequence[Probe] | None = None,
        name: Callable[[int], str] = name_of,
    ) -> None:
        self._probes = probes or (NvmlProbe(), AmdProbe())
        self._name = name
        self._names: dict[int, str] = {}
        self._asked: Probe | None = self._probes[0]

    @property
    def asking(self) -> str:
        """What a driver, or the system, is being asked."""
        return self._asked.asking if self._asked else "the names of processes"

    def read(self) -> Sample:
        """Return what is read now, and what is not, in words."""
        notes: list[str] = []
        for probe in self._probes:
            self._asked = probe
            sample = probe.read()
            if sample.cards:
                trouble = (note for note in notes if note != NO_DRIVER)
                processes = tuple(self._named(sample.processes))
                return replace(sample, notes=(*trouble, *sample.notes), processes=processes)
            notes += sample.notes
        return Sample(notes=tuple(notes))

    def _named(self, processes: Sequence[GpuProcess]) -> Iterator[GpuProcess]:
        """Yield the processes with their names, which are looked up once."""
        self._asked = None
        before, self._names = self._names, {}
        for each in processes:
            name = each.name or before.get(each.pid) or self._name(each.pid)
            self._names[each.pid] = name
            yield replace(each, name=name)
