"""Which of a host's GPUs the process of this training uses."""

import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from trainmon.probes.sample import Sample
from trainmon.probes.visible import visible
from trainmon.writer.sampling.place import Place

_OTHERS = frozenset({"jax", "tensorflow", "cupy"})
"""Libraries besides torch that compute on GPUs: a process that has none loaded uses none."""

CHOOSING = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Variables that choose the cards of a process; the last two are for those of AMD."""


def cuda_of_torch() -> Any | None:  # noqa: ANN401 - torch is not imported here
    """Return torch's module of its GPUs, if torch is loaded."""
    return getattr(sys.modules.get("torch"), "cuda", None)


class OwnCards:
    """Finds the cards of this process. Owned by the thread that samples.

    What torch holds memory of counts before what the driver tells of the process, as a stray
    context on the first card is no use of it; in a container the driver knows processes by other
    numbers, and then the place among the ranks of the node tells.
    """

    def __init__(
        self,
        place: Place,
        environ: Mapping[str, str],
        cuda: Callable[[], Any] = cuda_of_torch,
        loaded: Collection[str] = sys.modules,
    ) -> None:
        self._place = place
        self._choice = next((environ[name] for name in CHOOSING if name in environ), None)
        self._cuda = cuda
        self._loaded = loaded

    def among(self, sample: Sample, pids: Collection[int]) -> tuple[str, ...]:
        """Return the names of the cards; `pids` are the process and its descendants."""
        seen = visible(sample.cards, self._choice)
        begun, reserved = self._of_torch(len(seen))
        if reserved:
            return tuple(seen[index] for index in reserved)
        held = (each.gpu for each in sample.processes if each.pid in pids)
        if found := tuple(dict.fromkeys(held)):
            return found
        if not (begun or (begun is None and _OTHERS.intersection(self._loaded))):
            return ()
        if 1 < self._place.ranks_here <= len(seen):
            return (seen[self._place.local_rank],)
        return seen

    def _of_torch(self, count: int) -> tuple[bool | None, list[int]]:
        """Return whether torch uses GPUs, None without torch, and those that it holds memory of."""
        cuda = self._cuda()
        if cuda is None:
            return None, []
        with suppress(Exception):  # whatever it raises, the driver tells as well
            if not cuda.is_initialized():
                return False, []
            return True, [index for index in range(count) if cuda.memory_reserved(index)]
        return None, []
