"""Reads the load and the memory of this host."""

import psutil

from trainmon.probes.sample import Sample


class HostProbe:
    """Samples CPU, memory and swap of the host, as fractions and bytes."""

    def __init__(self) -> None:
        psutil.cpu_percent()  # the first call only sets the beginning of the first interval

    asking = ""

    def read(self) -> Sample:
        """Return what is read now."""
        return Sample(self.sample())

    def sample(self) -> dict[str, float]:
        """Return the readings by name; what the system does not tell is left out."""
        readings: dict[str, float] = {}
        try:
            readings["cpu"] = psutil.cpu_percent() / 100
            memory = psutil.virtual_memory()
            readings["mem_used"] = float(memory.total - memory.available)
            readings["mem_total"] = float(memory.total)
            readings["swap_used"] = float(psutil.swap_memory().used)
        except (OSError, psutil.Error, RuntimeError):
            return readings
        return readings
