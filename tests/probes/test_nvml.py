from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from tests.probes.clock import Clock
from trainmon.probes.nvml import NvmlProbe
from trainmon.probes.sample import GpuProcess
from trainmon.probes.visible import Card

GIB = float(2**30)
LONG = 60.0
"""Seconds after which a driver is looked for again."""

NOT_SUPPORTED = pynvml.NVML_ERROR_NOT_SUPPORTED
NO_PERMISSION = pynvml.NVML_ERROR_NO_PERMISSION
LOST = pynvml.NVML_ERROR_GPU_IS_LOST
MISMATCH = pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH

WHOLE = {
    "gpu0/util": 0.91,
    "gpu0/mem_used": 71 * GIB,
    "gpu0/mem_total": 80 * GIB,
    "gpu0/mem_reserved": GIB,
    "gpu0/power": 612.0,
    "gpu0/power_limit": 700.0,
    "gpu0/temp": 64.0,
    "gpu0/clock": 1_755.0,
    "gpu0/clock_max": 1_980.0,
    "gpu0/mem_clock": 2_600.0,
    "gpu0/mem_clock_max": 2_619.0,
    "gpu0/throttle/app_clocks": 0.0,
    "gpu0/throttle/sw_power_cap": 1.0,
    "gpu0/throttle/hw_slowdown": 0.0,
    "gpu0/throttle/sync_boost": 0.0,
    "gpu0/throttle/sw_thermal": 0.0,
    "gpu0/throttle/hw_thermal": 1.0,
    "gpu0/throttle/hw_power_brake": 0.0,
    "gpu0/throttle/display_clocks": 0.0,
    "gpu0/ecc_corrected": 5.0,
    "gpu0/ecc_uncorrected": 1.0,
    "gpu0/pcie_sent": 1_024.0 * 300,
    "gpu0/pcie_recv": 1_024.0 * 400,
}


class FakeNvml:
    """The binding on a machine with `count` cards; the calls in `broken` raise."""

    def __init__(self, count: int = 1, broken: dict[str, int | Exception] | None = None) -> None:
        self.count = count
        self.broken = dict(broken or {})
        self.lost: set[int] = set()
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the binding's own
        if name not in self.answers:
            if name.startswith("nvmlDevice"):
                raise AttributeError(name)
            return getattr(pynvml, name)

        def call(*arguments: Any) -> Any:  # noqa: ANN401 - likewise
            self.calls.append(name)
            trouble = LOST if self.lost.intersection(arguments[:1]) else self.broken.get(name, 0)
            if isinstance(trouble, Exception):
                raise trouble
            if trouble:
                raise pynvml.NVMLError(trouble)
            return self.answers[name](*arguments)

        return call

    @property
    def answers(self) -> dict[str, Callable[..., Any]]:
        memory_clock = pynvml.NVML_CLOCK_MEM
        return {
            "nvmlInit": lambda: None,
            "nvmlShutdown": lambda: None,
            "nvmlDeviceGetCount": lambda: self.count,
            "nvmlDeviceGetHandleByIndex": lambda index: index,
            "nvmlDeviceGetName": lambda gpu: f"NVIDIA H{gpu}00",
            "nvmlDeviceGetUUID": lambda gpu: f"GPU-{gpu}",
            "nvmlDeviceGetUtilizationRates": lambda gpu: SimpleNamespace(gpu=91 - gpu, memory=40),
            "nvmlDeviceGetMemoryInfo": lambda _, version=None: SimpleNamespace(
                used=(71 if version else 72) * GIB, total=80 * GIB, reserved=GIB
            ),
            "nvmlDeviceGetPowerUsage": lambda _: 612_000,
            "nvmlDeviceGetEnforcedPowerLimit": lambda _: 700_000,
            "nvmlDeviceGetTemperature": lambda _gpu, _kind: 64,
            "nvmlDeviceGetClockInfo": lambda _, kind: 2_600 if kind == memory_clock else 1_755,
            "nvmlDeviceGetMaxClockInfo": lambda _, kind: 2_619 if kind == memory_clock else 1_980,
            "nvmlDeviceGetCurrentClocksEventReasons": lambda _: 0x44,
            "nvmlDeviceGetFieldValues": lambda _gpu, fields: [
                SimpleNamespace(nvmlReturn=NOT_SUPPORTED) for _ in fields
            ],
            "nvmlDeviceGetPcieThroughput": lambda _, counter: 300 + 100 * counter,
            "nvmlDeviceGetTotalEccErrors": lambda _gpu, kind, _span: 1 if kind else 5,
            "nvmlDeviceGetMigMode": lambda _: [0, 0],
            "nvmlDeviceGetComputeRunningProcesses": lambda gpu: [
                SimpleNamespace(pid=4_000 + gpu, usedGpuMemory=int(60 * GIB))
            ],
            "nvmlDeviceGetGraphicsRunningProcesses": lambda _: [
                SimpleNamespace(pid=900, usedGpuMemory=None)
            ],
        }


def probe_of(library: FakeNvml, clock: Clock | None = None) -> NvmlProbe:
    return NvmlProbe(lambda: library, clock=clock or Clock())


def test_a_card_tells_everything_in_the_units_of_the_format() -> None:
    sample = probe_of(FakeNvml()).read()
    assert sample.readings == WHOLE
    assert sample.names == {"gpu0": "NVIDIA H000"}
    assert sample.notes == ()
    assert sample.cards == (Card("gpu0", "GPU-0"),)


def test_who_holds_memory_is_told_also_where_the_driver_does_not_say_how_much() -> None:
    assert probe_of(FakeNvml()).read().processes == (
        GpuProcess("gpu0", 900, None),
        GpuProcess("gpu0", 4_000, 60 * GIB),
    )


def test_two_cards_have_numbers_of_their_own() -> None:
    readings = probe_of(FakeNvml(count=2)).sample()
    assert (readings["gpu0/util"], readings["gpu1/util"]) == (0.91, 0.90)


def test_the_writer_asks_for_use_and_memory_alone() -> None:
    library = FakeNvml()
    readings = NvmlProbe(lambda: library, brief=True).sample()
    assert readings.keys() == {f"gpu0/{name}" for name in ("util", *MEMORY)}
    assert len(library.calls) == 5


MEMORY = ("mem_used", "mem_total", "mem_reserved")


@pytest.mark.parametrize("trouble", [NOT_SUPPORTED, NO_PERMISSION, pynvml.NVML_ERROR_UNKNOWN])
@pytest.mark.parametrize("call", [name for name in FakeNvml().answers if "DeviceGet" in name][2:])
def test_a_call_that_fails_leaves_out_what_it_would_tell(call: str, trouble: int) -> None:
    sample = probe_of(FakeNvml(broken={call: trouble})).read()
    assert sample.readings.items() <= WHOLE.items()
    assert len(sample.readings) >= len(WHOLE) - 8


@pytest.mark.parametrize("trouble", [NOT_SUPPORTED, NO_PERMISSION])
def test_what_is_refused_once_is_not_asked_again(trouble: int) -> None:
    library = FakeNvml(broken={"nvmlDeviceGetPowerUsage": trouble})
    probe = probe_of(library)
    for _ in range(3):
        probe.sample()
    assert library.calls.count("nvmlDeviceGetPowerUsage") == 1


def test_what_failed_for_a_moment_is_asked_again() -> None:
    library = FakeNvml(broken={"nvmlDeviceGetPowerUsage": pynvml.NVML_ERROR_UNKNOWN})
    probe = probe_of(library)
    assert "gpu0/power" not in probe.sample()
    library.broken.clear()
    assert probe.sample()["gpu0/power"] == 612.0


def test_what_never_changes_is_asked_once() -> None:
    library = FakeNvml()
    probe = probe_of(library)
    probe.sample()
    assert probe.read().names == {"gpu0": "NVIDIA H000"}
    for call in ("nvmlInit", "nvmlDeviceGetName", "nvmlDeviceGetUUID"):
        assert library.calls.count(call) == 1


def test_what_is_expected_and_not_told_is_said() -> None:
    broken = {"nvmlDeviceGetPowerUsage": NOT_SUPPORTED, "nvmlDeviceGetTemperature": NOT_SUPPORTED}
    sample = probe_of(FakeNvml(broken=dict(broken))).read()
    assert sample.notes == ("GPU 0 does not tell its power, temperature",)


def test_a_card_that_shares_the_memory_of_its_host_is_said_to_tell_none_of_its_own() -> None:
    sample = probe_of(FakeNvml(broken={"nvmlDeviceGetMemoryInfo": NOT_SUPPORTED})).read()
    assert sample.notes == ("GPU 0 does not tell its memory",)


def test_what_we_may_not_read_is_said() -> None:
    broken = {"nvmlDeviceGetComputeRunningProcesses": NO_PERMISSION}
    sample = probe_of(FakeNvml(broken=dict(broken))).read()
    assert sample.notes == ("GPU 0: no permission to read compute processes",)


def test_that_a_card_of_a_desktop_counts_no_memory_errors_is_not_worth_a_word() -> None:
    sample = probe_of(FakeNvml(broken={"nvmlDeviceGetTotalEccErrors": NOT_SUPPORTED})).read()
    assert sample.notes == ()


def test_a_binding_that_lacks_a_function_leaves_out_what_it_would_tell() -> None:
    broken = {"nvmlDeviceGetTotalEccErrors": AttributeError("nvmlDeviceGetTotalEccErrors")}
    readings = probe_of(FakeNvml(broken=dict(broken))).sample()
    assert len(readings) == len(WHOLE) - 2


def test_a_driver_too_old_for_a_function_is_no_error_of_the_library_and_is_survived() -> None:
    mismatch = pynvml.NVMLLibraryMismatchError("Unversioned function called")
    probe = probe_of(FakeNvml(broken={"nvmlDeviceGetComputeRunningProcesses": mismatch}))
    assert probe.read().readings == WHOLE


def test_pcie_is_measured_card_by_card_since_each_takes_a_while() -> None:
    library = FakeNvml(count=4)
    probe = probe_of(library)
    for _ in range(4):
        readings = probe.sample()
    assert library.calls.count("nvmlDeviceGetPcieThroughput") == 8
    assert len([name for name in readings if name.endswith("/pcie_sent")]) == 4


def test_a_card_that_is_lost_is_told_in_words_and_the_other_goes_on() -> None:
    library = FakeNvml(count=2)
    probe = probe_of(library)
    probe.sample()
    library.lost = {1}
    sample = probe.read()
    assert "gpu0/util" in sample.readings
    assert not [name for name in sample.readings if name.startswith("gpu1/")]
    assert "GPU 1 is lost: it does not answer any more" in sample.notes[0]
    assert [card.name for card in sample.cards] == ["gpu0", "gpu1"]


def test_no_further_question_is_put_to_a_card_that_is_lost() -> None:
    library = FakeNvml()
    library.lost = {0}
    probe_of(library).sample()
    assert library.calls == ["nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex"]


def test_a_card_that_comes_back_speaks_again() -> None:
    library = FakeNvml()
    probe = probe_of(library)
    library.lost = {0}
    assert probe.sample() == {}
    library.lost = set()
    sample = probe.read()
    assert sample.readings["gpu0/util"] == 0.91
    assert sample.notes == ()


def test_a_driver_that_is_updated_beneath_us_is_told_and_read_again_once_it_fits() -> None:
    library, clock = FakeNvml(), Clock()
    probe = probe_of(library, clock)
    probe.sample()
    library.broken = {"nvmlDeviceGetCount": MISMATCH, "nvmlInit": MISMATCH}
    assert "its driver was updated" in probe.read().notes[0]
    library.broken = {}
    clock.pass_by(LONG)
    assert probe.read().readings == WHOLE


def test_a_driver_that_is_unloaded_in_the_middle_of_a_card_is_told() -> None:
    library = FakeNvml(broken={"nvmlDeviceGetPowerUsage": pynvml.NVML_ERROR_DRIVER_NOT_LOADED})
    sample = probe_of(library).read()
    assert sample.readings == {}
    assert sample.notes == ("no NVIDIA GPU: its driver is not loaded",)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, "no driver here"),
        (pynvml.NVML_ERROR_DRIVER_NOT_LOADED, "its driver is not loaded"),
        (MISMATCH, "its driver was updated: library and kernel module differ until a reboot"),
        (NO_PERMISSION, "no permission to use its driver"),
        (pynvml.NVML_ERROR_FUNCTION_NOT_FOUND, "its driver is too old to be read"),
        (pynvml.NVML_ERROR_UNKNOWN, "Unknown Error"),
    ],
)
def test_without_a_driver_there_is_one_line_on_why(code: int, words: str) -> None:
    sample = probe_of(FakeNvml(broken={"nvmlInit": code})).read()
    assert sample.readings == {}
    assert sample.notes == (f"no NVIDIA GPU: {words}",)


def test_without_the_library_there_is_one_line_on_why() -> None:
    def load() -> Any:  # noqa: ANN401 - as the loader that it stands for
        raise ImportError("No module named 'pynvml'")

    sample = NvmlProbe(load).read()
    assert sample.readings == {}
    assert "No module named 'pynvml'" in sample.notes[0]


def test_a_driver_that_is_loaded_later_is_found_and_the_note_goes_away() -> None:
    library, clock = FakeNvml(broken={"nvmlInit": MISMATCH}), Clock()
    probe = probe_of(library, clock)
    probe.sample()
    library.broken.clear()
    assert probe.sample() == {}
    clock.pass_by(LONG)
    sample = probe.read()
    assert sample.readings["gpu0/power"] == 612.0
    assert sample.notes == ()


def test_a_driver_that_is_not_there_is_looked_for_now_and_then_alone() -> None:
    library, clock = FakeNvml(broken={"nvmlInit": MISMATCH}), Clock()
    probe = probe_of(library, clock)
    for _ in range(10):
        assert probe.read().notes
        clock.pass_by(1.0)
    assert library.calls.count("nvmlInit") == 2


def test_a_machine_without_cards_has_no_readings() -> None:
    assert probe_of(FakeNvml(count=0)).sample() == {}


def test_what_is_asked_is_known_while_it_is_asked() -> None:
    library = FakeNvml()
    probe = probe_of(library)
    asked: list[str] = []
    library.broken["nvmlDeviceGetTemperature"] = NOT_SUPPORTED
    probe_asking = NvmlProbe(lambda: Listening(library, lambda: asked.append(probe_asking.asking)))
    probe_asking.sample()
    assert "GPU 0: power" in asked
    assert probe.asking == ""


class Listening:
    """A binding that tells somebody of every use."""

    def __init__(self, library: FakeNvml, used: Callable[[], None]) -> None:
        self._library = library
        self._used = used

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the binding's own
        self._used()
        return getattr(self._library, name)


def test_the_real_library_raises_nothing_whatever_this_machine_has() -> None:
    sample = NvmlProbe().read()
    assert not (sample.readings and any("no NVIDIA" in note for note in sample.notes))
    assert all(0 <= value <= 1 for name, value in sample.readings.items() if "/util" in name)
