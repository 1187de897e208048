"""Reads the AMD GPUs of this machine through amdsmi, where it is installed."""

import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from trainmon.probes.amd_card import AmdCard, trouble_of, words_of
from trainmon.probes.questions import Trouble
from trainmon.probes.sample import Sample

_RETRY_SECONDS = 30.0
"""Time after which a library that was not there, or did not begin, is tried again."""

_DRIVER = Path("/dev/kfd")
"""There where AMD's driver for computing is loaded."""


def load_amdsmi() -> Any:  # noqa: ANN401 - the binding is untyped
    """Return AMD's binding, which comes with ROCm or from the package of its name."""
    return import_module("amdsmi")


class AmdProbe:
    """Samples every GPU, each call guarded by itself.

    A machine without AMD's driver is silent; one with the driver and without the binding is told
    what would read it. `load` gives the binding, `clock` is in seconds. Owned by the thread that
    samples.
    """

    def __init__(
        self,
        load: Callable[[], Any] = load_amdsmi,
        *,
        driver: Path = _DRIVER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.asking = ""
        """What the driver is being asked."""
        self._load = load
        self._driver = driver
        self._clock = clock
        self._amdsmi: Any = None
        self._cards: dict[int, AmdCard] = {}
        self._notes: tuple[str, ...] = ()
        self._next_try = float("-inf")

    def read(self) -> Sample:
        """Return what is read now, and what is not, in words."""
        if self._amdsmi is None and not self._open():
            return Sample(notes=self._notes)
        try:
            self._tell("counting the GPUs")
            handles = self._amdsmi.amdsmi_get_processor_handles()
        except Exception as error:  # noqa: BLE001 - the binding raises errors of its own base
            self._close(f"no AMD GPU: {words_of(error)}")
            return Sample(notes=self._notes)
        readings, notes, told = dict[str, float](), list[str](), list[AmdCard]()
        for index, handle in enumerate(handles):
            card = self._cards.get(index) or AmdCard(self._amdsmi, index, self._tell)
            try:
                readings |= card.read(handle)
            except Exception as error:  # noqa: BLE001 - as above
                if trouble_of(error) is Trouble.GONE:
                    self._close(f"no AMD GPU: {words_of(error)}")
                    return Sample(notes=self._notes)
                self._cards.pop(index, None)
                notes.append(f"GPU {index} does not answer: {words_of(error)}")
                continue
            self._cards[index] = card
            told.append(card)
            notes += card.notes
        return Sample(
            readings,
            {card.name: card.called for card in told if card.called},
            tuple(notes),
            tuple(process for card in told for process in card.processes),
            tuple(card.card for card in told),
        )

    def _open(self) -> bool:
        """Load the binding and begin, where the driver is there."""
        if self._clock() < self._next_try or not self._driver.exists():
            return False
        try:
            self._tell("loading the driver")
            amdsmi = self._load()
            amdsmi.amdsmi_init()
        except ImportError:
            self._close("the AMD GPUs here are read where amdsmi is installed: pip install amdsmi")
            return False
        except Exception as error:  # noqa: BLE001 - as above
            self._close(f"no AMD GPU: {words_of(error)}")
            return False
        self._amdsmi, self._notes = amdsmi, ()
        return True

    def _close(self, why: str) -> None:
        """Let go of a driver that does not answer, and keep why."""
        if self._amdsmi is not None:
            with suppress(Exception):
                self._amdsmi.amdsmi_shut_down()
        self._amdsmi, self._cards, self._notes = None, {}, (why,)
        self._next_try = self._clock() + _RETRY_SECONDS

    def _tell(self, what: str) -> None:
        self.asking = what
