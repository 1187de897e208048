"""Reads the NVIDIA GPUs of this machine through NVML."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from trainmon.probes.nvml_card import NvmlCard
from trainmon.probes.nvml_errors import trouble_of, words_of
from trainmon.probes.questions import Trouble
from trainmon.probes.sample import Sample
from trainmon.probes.visible import Card

_RETRY_SECONDS = 5.0
"""Time after which a driver that was not there is looked for again: looking may start a program
that loads the kernel's module."""

_NONE = "no NVIDIA GPU: "

NO_DRIVER = f"{_NONE}no driver here"
"""What is said on a machine that is simply without one."""


def load_nvml() -> Any:  # noqa: ANN401 - the binding is untyped
    """Return the binding of the driver's library."""
    import pynvml  # noqa: PLC0415 - costs a load of the driver's library

    return pynvml


class NvmlProbe:
    """Samples every GPU, each call guarded by itself.

    What a card does not support is left out, and the rest goes on; a card, or a driver, that went
    away is told in words, and read again when it is back. `brief` reads utilisation and memory
    alone, `bus` the traffic on PCIe too. `load` gives the library, `clock` is in seconds. Owned by
    the thread that samples.
    """

    def __init__(
        self,
        load: Callable[[], Any] = load_nvml,
        *,
        brief: bool = False,
        bus: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.asking = ""
        """What the driver is being asked, for those who wonder why no answer comes."""
        self.only: frozenset[str] = frozenset()
        """The GPUs that are read, by their names; if there is none, all."""
        self._load = load
        self._brief = brief
        self._reads_bus = bus
        self._clock = clock
        self._nvml: Any = None
        self._cards: dict[int, NvmlCard] = {}
        self._why = ""
        self._next_try = float("-inf")
        self._turn = 0

    def sample(self) -> dict[str, float]:
        """Return the readings by name, such as ``gpu0/util``; none without a driver."""
        return dict(self.read().readings)

    def read(self) -> Sample:
        """Return what is read now, and what is not, in words."""
        if self._nvml is None and not self._open():
            return Sample(notes=(self._why,))
        try:
            self._tell("counting the GPUs")
            count = self._nvml.nvmlDeviceGetCount()
        except Exception as error:  # noqa: BLE001 - the binding raises errors of its own base
            self._close(error)
            return Sample(notes=(self._why,))
        self._turn += 1
        readings, notes = dict[str, float](), list[str]()
        told, cards = list[NvmlCard](), list[Card]()
        for index in range(count):
            card = self._cards.get(index)
            if self.only and f"gpu{index}" not in self.only:
                cards.append(card.card if card else Card(f"gpu{index}"))
                continue
            card = card or NvmlCard(self._nvml, index, self._tell, self._clock)
            try:
                readings |= self._of(card, index, bus=self._turn % count == index)
            except Exception as error:  # noqa: BLE001 - as above
                self._cards.pop(index, None)
                if trouble_of(error) is Trouble.GONE:
                    self._close(error)
                    return Sample(notes=(self._why,))
                cards.append(Card(f"gpu{index}"))  # the others keep their numbers
                notes.append(f"GPU {index} {words_of(error, 'does not answer: ')}")
                continue
            self._cards[index] = card
            told.append(card)
            cards.append(card.card)
            notes += card.notes
        return Sample(
            readings,
            {name: called for card in told for name, called in card.called.items()},
            tuple(notes),
            tuple(process for card in told for process in card.processes),
            tuple(cards),
        )

    def _of(self, card: NvmlCard, index: int, *, bus: bool) -> dict[str, float]:
        """Return what is read of a card; raise what its driver says where it does not answer."""
        self._tell(f"GPU {index}")
        handle = self._nvml.nvmlDeviceGetHandleByIndex(index)
        return card.use(handle) if self._brief else card.read(handle, bus=bus and self._reads_bus)

    def _open(self) -> bool:
        """Load the library, once it works; a machine without a GPU is told in one line."""
        if self._clock() < self._next_try:
            return False
        try:
            self._tell("loading the driver")
            nvml = self._load()
            nvml.nvmlInit()
        except Exception as error:  # noqa: BLE001 - as above
            self._close(error)
            return False
        self._nvml, self._why = nvml, ""
        return True

    def _close(self, error: Exception) -> None:
        """Let go of a driver that does not answer, and keep why."""
        if self._nvml is not None:
            with suppress(Exception):
                self._nvml.nvmlShutdown()
        self._nvml, self._cards = None, {}
        self._why = f"{_NONE}{words_of(error)}"
        self._next_try = self._clock() + _RETRY_SECONDS

    def _tell(self, what: str) -> None:
        self.asking = what
