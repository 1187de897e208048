"""The GPUs of this machine, of whichever make."""

from collections.abc import Sequence
from dataclasses import replace

from trainmon.probes.amd import AmdProbe
from trainmon.probes.aside import Probe
from trainmon.probes.nvml import NO_DRIVER, NvmlProbe
from trainmon.probes.sample import Sample


class Gpus:
    """Reads the first make that has cards here: a chip that only draws the desktop comes later.

    Owned by the thread that samples.
    """

    def __init__(self, probes: Sequence[Probe] | None = None) -> None:
        self._probes = probes or (NvmlProbe(), AmdProbe())
        self._asked = self._probes[0]

    @property
    def asking(self) -> str:
        """What a driver is being asked."""
        return self._asked.asking

    def read(self) -> Sample:
        """Return what is read now, and what is not, in words."""
        notes: list[str] = []
        for probe in self._probes:
            self._asked = probe
            sample = probe.read()
            if sample.cards:
                trouble = (note for note in notes if note != NO_DRIVER)
                return replace(sample, notes=(*trouble, *sample.notes))
            notes += sample.notes
        return Sample(notes=tuple(notes))
