"""Reads the NVIDIA GPUs of this machine through NVML."""

from collections.abc import Callable
from typing import Any

_PERCENT = 100.0
_MILLI = 1_000.0


def load_nvml() -> Any:  # noqa: ANN401 - the binding is untyped
    """Return the binding of the driver's library."""
    import pynvml  # noqa: PLC0415 - costs a load of the driver's library

    return pynvml


class NvmlProbe:
    """Samples utilisation, memory, power, temperature and clocks of every GPU.

    Every call is guarded by itself: what a card does not support is left out, and the rest goes
    on. `note` says in words why there is nothing, if so. `load` gives the library.
    """

    def __init__(self, load: Callable[[], Any] = load_nvml) -> None:
        self.names: dict[str, str] = {}
        self.note = ""
        self._load = load
        self._nvml: Any = None

    def sample(self) -> dict[str, float]:
        """Return the readings by name, such as ``gpu0/util``; none without a driver."""
        if self._nvml is None and not self._open():
            return {}
        readings: dict[str, float] = {}
        for index in range(self._guarded(self._nvml.nvmlDeviceGetCount) or 0):
            handle = self._guarded(self._nvml.nvmlDeviceGetHandleByIndex, index)
            if handle is not None:
                self._read(handle, f"gpu{index}", readings)
        return readings

    def _open(self) -> bool:
        """Load the library, once it works; a machine without a GPU is told in one line."""
        try:
            nvml = self._load()
            nvml.nvmlInit()
        except Exception as error:  # noqa: BLE001 - the binding raises errors of its own base
            self.note = f"no NVIDIA GPU: {_words(error)}"
            return False
        self._nvml, self.note = nvml, ""
        return True

    def _read(self, handle: Any, prefix: str, readings: dict[str, float]) -> None:  # noqa: ANN401 - an opaque handle
        nvml = self._nvml
        if prefix not in self.names:
            self.names[prefix] = str(self._guarded(nvml.nvmlDeviceGetName, handle) or "")
        if use := self._guarded(nvml.nvmlDeviceGetUtilizationRates, handle):
            readings[f"{prefix}/util"] = use.gpu / _PERCENT
        if memory := self._guarded(nvml.nvmlDeviceGetMemoryInfo, handle):
            readings[f"{prefix}/mem_used"] = float(memory.used)
            readings[f"{prefix}/mem_total"] = float(memory.total)
        for name, call, scale in (
            ("power", nvml.nvmlDeviceGetPowerUsage, _MILLI),
            ("power_limit", nvml.nvmlDeviceGetEnforcedPowerLimit, _MILLI),
        ):
            if (value := self._guarded(call, handle)) is not None:
                readings[f"{prefix}/{name}"] = value / scale
        for name, call, kind in (
            ("temp", nvml.nvmlDeviceGetTemperature, nvml.NVML_TEMPERATURE_GPU),
            ("clock", nvml.nvmlDeviceGetClockInfo, nvml.NVML_CLOCK_SM),
            ("clock_max", nvml.nvmlDeviceGetMaxClockInfo, nvml.NVML_CLOCK_SM),
        ):
            if (value := self._guarded(call, handle, kind)) is not None:
                readings[f"{prefix}/{name}"] = float(value)

    @staticmethod
    def _guarded(call: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - the binding is untyped
        """Return what a call gives, or None where it fails for whatever reason."""
        try:
            return call(*arguments)
        except Exception:  # noqa: BLE001 - see above
            return None


def _words(error: Exception) -> str:
    if "LibraryNotFound" in type(error).__name__:
        return "no driver here"
    text = str(error) or type(error).__name__
    return text[:60]
