"""What is read of one AMD GPU, and what the errors of its binding mean."""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any, Final

from trainmon.probes.questions import Questions, Trouble
from trainmon.probes.sample import GpuProcess
from trainmon.probes.visible import Card

_PERCENT = 100.0
_MIB = 2.0**20

_MICRO = 1e6
_MICROWATTS_FROM = 1e5
"""A power limit above it is told in millionths: no card takes a hundred kilowatts."""

_MILLI = 1e3
_MILLIDEGREES_FROM = 1e3
"""A temperature above it is told in thousandths, as older bindings do."""

_TROUBLES: Final = {
    "NOT_SUPPORTED": Trouble.UNSUPPORTED,
    "NOT_YET_IMPLEMENTED": Trouble.UNSUPPORTED,
    "INVAL": Trouble.UNSUPPORTED,
    "NO_PERM": Trouble.FORBIDDEN,
    "NOT_INIT": Trouble.GONE,
    "DRIVER_NOT_LOADED": Trouble.GONE,
}
"""By the name of the status, which stands in the text of an error: ``AMDSMI_STATUS_NO_PERM``."""

_STATUS = "AMDSMI_STATUS_"

_LONGEST = 60
"""Characters that are kept of what an error says."""

_EXPECTED: Final = frozenset({"utilisation", "memory", "power", "temperature", "clock"})
"""What every card tells: it is said where one does not."""


def trouble_of(error: Exception) -> Trouble:
    """Return what an error means for those who go on asking."""
    return _TROUBLES.get(_status(error), Trouble.PASSING)


def words_of(error: Exception) -> str:
    """Return an error in words."""
    told = str(getattr(error, "err_info", error)).rpartition(" - ")[2].strip()
    return (told or type(error).__name__)[:_LONGEST]


def _status(error: Exception) -> str:
    _, found, rest = str(getattr(error, "err_info", error)).partition(_STATUS)
    return rest.split(" ")[0] if found else ""


class AmdCard:
    """Reads one card; what never changes is asked once. Owned by the thread that samples."""

    def __init__(
        self,
        amdsmi: Any,  # noqa: ANN401 - the binding is untyped
        index: int,
        tell: Callable[[str], None],
    ) -> None:
        self.name = f"gpu{index}"
        self.card = Card(self.name)
        self.called = ""
        self.processes: tuple[GpuProcess, ...] = ()
        self._amdsmi = amdsmi
        self._questions = Questions(amdsmi, f"GPU {index}", trouble_of, tell)
        self._ask = self._questions.ask
        self._known = False

    @property
    def notes(self) -> list[str]:
        """What the card does not tell, in words."""
        return self._questions.notes(_EXPECTED)

    def read(self, handle: Any) -> dict[str, float]:  # noqa: ANN401 - an opaque handle
        """Return all readings by name."""
        if not self._known:
            asic = self._ask("name", "amdsmi_get_gpu_asic_info", handle) or {}
            self.called = str(asic.get("market_name", ""))
            uuid = self._ask("UUID", "amdsmi_get_gpu_device_uuid", handle)
            self.card = Card(self.name, str(uuid or ""))
            self._known = True
        told = [*self._use(handle), *self._levels(handle), *self._ecc(handle)]
        self.processes = tuple(self._held(handle))
        return {f"{self.name}/{name}": value for name, value in told if value is not None}

    def _use(self, handle: Any) -> Iterator[tuple[str, float | None]]:  # noqa: ANN401 - likewise
        activity = self._ask("utilisation", "amdsmi_get_gpu_activity", handle)
        yield "util", _number(activity, "gfx_activity", of=_PERCENT)
        memory = self._ask("memory", "amdsmi_get_gpu_vram_usage", handle)
        yield "mem_used", _number(memory, "vram_used", of=1 / _MIB)
        yield "mem_total", _number(memory, "vram_total", of=1 / _MIB)

    def _levels(self, handle: Any) -> Iterator[tuple[str, float | None]]:  # noqa: ANN401 - likewise
        amdsmi = self._amdsmi
        power = self._ask("power", "amdsmi_get_power_info", handle)
        yield "power", _number(power, "current_socket_power", "average_socket_power")
        cap = self._ask("power limit", "amdsmi_get_power_cap_info", handle)
        limit = _number(cap, "power_cap")
        yield "power_limit", limit and limit / (_MICRO if limit >= _MICROWATTS_FROM else 1)
        temp = self._temperature(handle)
        yield "temp", temp and temp / (_MILLI if temp >= _MILLIDEGREES_FROM else 1)
        for name, what, kind in (("clock", "clock", "GFX"), ("mem_clock", "memory clock", "MEM")):
            kinds = getattr(amdsmi, "AmdSmiClkType", None)
            clock = self._ask(what, "amdsmi_get_clock_info", handle, getattr(kinds, kind, None))
            yield name, _number(clock, "clk", "cur_clk")
            yield f"{name}_max", _number(clock, "max_clk")

    def _temperature(self, handle: Any) -> float | None:  # noqa: ANN401 - likewise
        """Return the temperature of the hottest spot, which the card slows down by, or else."""
        sensors = getattr(self._amdsmi, "AmdSmiTemperatureType", None)
        metric = getattr(self._amdsmi, "AmdSmiTemperatureMetric", None)
        current = getattr(metric, "CURRENT", None)
        for what, sensor in (("hot spot", "HOTSPOT"), ("temperature", "EDGE")):
            arguments = handle, getattr(sensors, sensor, None), current
            told = self._ask(what, "amdsmi_get_temp_metric", *arguments)
            if told:
                return _number({"told": told}, "told")
        return None

    def _ecc(self, handle: Any) -> Iterator[tuple[str, float | None]]:  # noqa: ANN401 - likewise
        counts = self._ask("memory errors", "amdsmi_get_gpu_total_ecc_count", handle)
        yield "ecc_corrected", _number(counts, "correctable_count")
        yield "ecc_uncorrected", _number(counts, "uncorrectable_count")

    def _held(self, handle: Any) -> Iterator[GpuProcess]:  # noqa: ANN401 - likewise
        """Yield who holds memory."""
        for each in self._ask("processes", "amdsmi_get_gpu_process_list", handle) or ():
            if not isinstance(each, Mapping):  # before ROCm 6.1 these were handles
                continue
            memory = each.get("memory_usage") or {}
            held = _number({"vram": memory.get("vram_mem"), "mem": each.get("mem")}, "vram", "mem")
            name = str(each.get("name", ""))
            yield GpuProcess(self.name, int(each["pid"]), held, "" if name == "N/A" else name)


def _number(told: Mapping[str, Any] | None, *names: str, of: float = 1.0) -> float | None:
    """Return the first of some fields that holds a number; others hold "N/A".

    >>> _number({"current": "N/A", "average": 250}, "current", "average")
    250.0
    """
    for name in names:
        value = (told or {}).get(name)
        if isinstance(value, (int, float)) and isfinite(value):
            return value / of
    return None
