"""This machine as one probe: its GPUs and its host."""

import time

from trainmon.probes.host import HostProbe
from trainmon.probes.nvml import NvmlProbe
from trainmon.text import clean
from trainmon.view import Machine


class MachineProbe:
    """Samples everything that can be read of this machine."""

    def __init__(self) -> None:
        self._gpus = NvmlProbe()
        self._host = HostProbe()

    def sample(self) -> Machine:
        """Return what is read now."""
        readings = self._gpus.sample() | self._host.sample()
        names = {key: clean(name) for key, name in self._gpus.names.items()}
        notes = (clean(self._gpus.note),) if self._gpus.note else ()
        return Machine(time.time(), readings, names, notes)
