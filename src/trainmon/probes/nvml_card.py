"""What is read of one NVIDIA GPU, and of its MIG instances."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from trainmon.probes.nvml_errors import trouble_of
from trainmon.probes.questions import Questions
from trainmon.probes.rates import Rates
from trainmon.probes.sample import GpuProcess
from trainmon.probes.visible import Card

_PERCENT = 100.0
_MILLI = 1_000.0
_KIB = 1_024.0

_ALL_LINKS = 0xFFFF_FFFF
"""The scope of a field of NVLink that asks for the sum of all links."""

_REASONS: Final = {
    0x002: "app_clocks",
    0x004: "sw_power_cap",
    0x008: "hw_slowdown",
    0x010: "sync_boost",
    0x020: "sw_thermal",
    0x040: "hw_thermal",
    0x080: "hw_power_brake",
    0x100: "display_clocks",
}
"""Bits of nvmlClocksEventReasons; the lowest is left out: a card that idles is not held back."""

EXPECTED: Final = frozenset({"utilisation", "memory", "power", "temperature", "clock"})
"""What every card of a data centre tells: it is said where one does not."""


class NvmlCard:
    """Reads one card; what never changes is asked once. Owned by the thread that samples."""

    def __init__(
        self,
        nvml: Any,  # noqa: ANN401 - the binding is untyped
        index: int,
        tell: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self.name = f"gpu{index}"
        self.card = Card(self.name)
        self.called: dict[str, str] = {}
        """What the card and its instances are called by their driver."""
        self.processes: tuple[GpuProcess, ...] = ()
        self._nvml = nvml
        self._label = f"GPU {index}"
        self._questions = Questions(nvml, self._label, trouble_of, tell)
        self._ask = self._questions.ask
        self._rates = Rates(clock)
        self._constant: dict[str, float] | None = None
        self._uuid = ""
        self._bus: dict[str, float] = {}

    @property
    def notes(self) -> list[str]:
        """What the card does not tell, in words."""
        if self.card.instances:
            partitioned = (
                f"{self._label} is partitioned: how busy its MIG instances are is not told"
            )
            return [partitioned, *self._questions.notes(frozenset())]
        return self._questions.notes(EXPECTED)

    def use(self, handle: Any) -> dict[str, float]:  # noqa: ANN401 - an opaque handle
        """Return how busy the card is and how full, by name."""
        readings: dict[str, float] = {}
        if use := self._ask("utilisation", "nvmlDeviceGetUtilizationRates", handle):
            readings["util"] = use.gpu / _PERCENT
        readings |= self._memory(handle, "memory")
        return {f"{self.name}/{name}": value for name, value in readings.items()}

    def read(self, handle: Any, *, bus: bool) -> dict[str, float]:  # noqa: ANN401 - likewise
        """Return all readings by name; `bus` asks for the traffic on PCIe, which takes 40 ms."""
        if self._constant is None:
            self._constant = self._learn(handle)
        readings = self.use(handle)
        told = dict(self._levels(handle)) | self._constant
        told |= dict(self._throttling(handle)) | dict(self._links(handle)) | dict(self._ecc(handle))
        if bus:
            self._bus = dict(self._on_the_bus(handle))
        told |= self._bus
        readings |= {f"{self.name}/{name}": value for name, value in told.items()}
        processes = self._held(handle, self.name)
        readings |= self._instances(handle, processes)
        self.processes = tuple(processes.values())
        return readings

    def _learn(self, handle: Any) -> dict[str, float]:  # noqa: ANN401 - likewise
        """Learn what never changes, and return the readings among it."""
        self.called[self.name] = str(self._ask("name", "nvmlDeviceGetName", handle) or "")
        self._uuid = str(self._ask("UUID", "nvmlDeviceGetUUID", handle) or "")
        told = {
            name: self._ask(what, "nvmlDeviceGetMaxClockInfo", handle, kind)
            for name, what, kind in (
                ("clock_max", "highest clock", self._nvml.NVML_CLOCK_SM),
                ("mem_clock_max", "highest memory clock", self._nvml.NVML_CLOCK_MEM),
            )
        }
        return {name: float(value) for name, value in told.items() if value is not None}

    def _levels(self, handle: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - likewise
        """Yield what a single number tells: power, temperature, clocks."""
        nvml = self._nvml
        for name, what, function, arguments, scale in (
            ("power", "power", "nvmlDeviceGetPowerUsage", (), _MILLI),
            ("power_limit", "power limit", "nvmlDeviceGetEnforcedPowerLimit", (), _MILLI),
            ("temp", "temperature", "nvmlDeviceGetTemperature", (nvml.NVML_TEMPERATURE_GPU,), 1),
            ("clock", "clock", "nvmlDeviceGetClockInfo", (nvml.NVML_CLOCK_SM,), 1),
            ("mem_clock", "memory clock", "nvmlDeviceGetClockInfo", (nvml.NVML_CLOCK_MEM,), 1),
        ):
            value = self._ask(what, function, handle, *arguments)
            if value is not None:
                yield name, value / scale

    def _memory(self, handle: Any, what: str) -> dict[str, float]:  # noqa: ANN401 - likewise
        """Return used and total memory in bytes, and what the driver keeps for itself.

        An older driver counts that as used.
        """
        version = getattr(self._nvml, "nvmlMemory_v2", None)
        info = version and self._ask(f"reserved {what}", "nvmlDeviceGetMemoryInfo", handle, version)
        told = {"mem_reserved": float(info.reserved)} if info else {}
        info = info or self._ask(what, "nvmlDeviceGetMemoryInfo", handle)
        if info:
            told |= {"mem_used": float(info.used), "mem_total": float(info.total)}
        return told

    def _throttling(self, handle: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - likewise
        """Yield each reason for a lower clock: 1 where it holds now, else 0."""
        name = "nvmlDeviceGetCurrentClocks{}Reasons"
        names = name.format("Event"), name.format("Throttle")  # the latter before R535
        mask = self._questions.ask_either("reasons of clocks", *names, handle)
        if mask is not None:
            for bit, reason in _REASONS.items():
                yield f"throttle/{reason}", float(bool(mask & bit))

    def _links(self, handle: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - likewise
        """Yield the traffic over NVLink in bytes per second."""
        nvml = self._nvml
        names = ("nvlink_sent", "nvlink_recv")
        fields = [
            (field, _ALL_LINKS)
            for field in (
                nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX,
                nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX,
            )
        ]
        values = self._ask("NVLink", "nvmlDeviceGetFieldValues", handle, fields)
        told = [value for value in values or () if value.nvmlReturn == nvml.NVML_SUCCESS]
        if values is not None and not told:
            self._questions.leave("NVLink")
        if len(told) < len(names):
            return
        for name, value in zip(names, told, strict=True):
            rate = self._rates.rate(name, value.value.ullVal * _KIB)
            if rate is not None:
                yield name, rate

    def _on_the_bus(self, handle: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - likewise
        """Yield the traffic over PCIe in bytes per second, as the card sees it."""
        for name, counter in (
            ("pcie_sent", self._nvml.NVML_PCIE_UTIL_TX_BYTES),
            ("pcie_recv", self._nvml.NVML_PCIE_UTIL_RX_BYTES),
        ):
            value = self._ask("PCIe traffic", "nvmlDeviceGetPcieThroughput", handle, counter)
            if value is not None:
                yield name, value * _KIB

    def _ecc(self, handle: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - likewise
        """Yield the memory errors since the driver was loaded."""
        nvml = self._nvml
        for name, kind in (
            ("ecc_corrected", nvml.NVML_MEMORY_ERROR_TYPE_CORRECTED),
            ("ecc_uncorrected", nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED),
        ):
            arguments = (kind, nvml.NVML_VOLATILE_ECC)
            value = self._ask(name, "nvmlDeviceGetTotalEccErrors", handle, *arguments)
            if value is not None:
                yield name, float(value)

    def _instances(
        self,
        handle: Any,  # noqa: ANN401 - likewise
        processes: dict[int, GpuProcess],
    ) -> dict[str, float]:
        """Read the instances of a partitioned card: their memory, and add their processes."""
        mode = self._ask("MIG mode", "nvmlDeviceGetMigMode", handle)
        if not mode or not mode[0]:
            self.card = Card(self.name, self._uuid)
            return {}
        readings, found = dict[str, float](), list[Card]()
        for index in range(self._ask("MIG count", "nvmlDeviceGetMaxMigDeviceCount", handle) or 0):
            part = self._ask("MIG", "nvmlDeviceGetMigDeviceHandleByIndex", handle, index)
            if part is None:
                continue
            name, what = f"{self.name}/mig{index}", f"MIG {index}"
            memory = self._memory(part, f"{what} memory")
            readings |= {f"{name}/{key}": value for key, value in memory.items()}
            self.called[name] = str(self._ask(f"{what} name", "nvmlDeviceGetName", part) or "")
            uuid = self._ask(f"{what} UUID", "nvmlDeviceGetUUID", part)
            found.append(Card(name, str(uuid or "")))
            processes |= self._held(part, name)
        self.card = Card(self.name, self._uuid, tuple(found))
        return readings

    def _held(self, handle: Any, gpu: str) -> dict[int, GpuProcess]:  # noqa: ANN401 - likewise
        """Return who holds memory, by pid."""
        found: dict[int, GpuProcess] = {}
        where = "" if gpu == self.name else f" of {gpu}"
        for kind in ("Graphics", "Compute"):
            what = f"{kind.lower()} processes{where}"
            name = f"nvmlDeviceGet{kind}RunningProcesses"
            every = self._questions.ask_either(what, name, f"{name}_v2", handle)  # _v2 before R510
            for each in every or ():
                memory = each.usedGpuMemory
                held = None if memory is None else float(memory)
                found[int(each.pid)] = GpuProcess(gpu, int(each.pid), held)
        return found
