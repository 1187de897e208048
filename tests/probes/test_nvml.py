from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from trainmon.probes.nvml import NvmlProbe

GIB = float(2**30)


class NvmlError(Exception):
    """What the library raises."""


class FakeNvml:
    """The library on a machine with `count` cards; each call in `broken` raises."""

    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_SM = 1

    def __init__(self, count: int = 1, broken: frozenset[str] = frozenset()) -> None:
        self.count = count
        self.broken = set(broken)
        self.lost: set[int] = set()
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:  # noqa: ANN401 - as the library's own
            self.calls.append(name)
            if name in self.broken or self.lost.intersection(arguments[:1]):
                raise NvmlError("Not Supported")
            return self.answers[name](*arguments)

        return call

    @property
    def answers(self) -> dict[str, Callable[..., Any]]:
        return {
            "nvmlInit": lambda: None,
            "nvmlDeviceGetCount": lambda: self.count,
            "nvmlDeviceGetHandleByIndex": lambda index: index,
            "nvmlDeviceGetName": lambda gpu: f"NVIDIA H{gpu}00",
            "nvmlDeviceGetUtilizationRates": lambda gpu: SimpleNamespace(gpu=91 - gpu, memory=40),
            "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(used=71 * GIB, total=80 * GIB),
            "nvmlDeviceGetPowerUsage": lambda _: 612_000,
            "nvmlDeviceGetEnforcedPowerLimit": lambda _: 700_000,
            "nvmlDeviceGetTemperature": lambda _gpu, _kind: 64,
            "nvmlDeviceGetClockInfo": lambda _gpu, _kind: 1_755,
            "nvmlDeviceGetMaxClockInfo": lambda _gpu, _kind: 1_980,
        }


def probe_of(library: FakeNvml) -> NvmlProbe:
    return NvmlProbe(lambda: library)


def test_a_card_tells_everything_in_the_units_of_the_format() -> None:
    probe = probe_of(FakeNvml())
    assert probe.sample() == {
        "gpu0/util": 0.91,
        "gpu0/mem_used": 71 * GIB,
        "gpu0/mem_total": 80 * GIB,
        "gpu0/power": 612.0,
        "gpu0/power_limit": 700.0,
        "gpu0/temp": 64.0,
        "gpu0/clock": 1_755.0,
        "gpu0/clock_max": 1_980.0,
    }
    assert probe.names == {"gpu0": "NVIDIA H000"}
    assert probe.note == ""


def test_two_cards_have_numbers_of_their_own() -> None:
    readings = probe_of(FakeNvml(count=2)).sample()
    assert (readings["gpu0/util"], readings["gpu1/util"]) == (0.91, 0.90)


@pytest.mark.parametrize("call", [name for name in FakeNvml().answers if "Device" in name])
def test_a_call_that_is_not_supported_leaves_out_what_it_would_tell(call: str) -> None:
    whole = probe_of(FakeNvml()).sample()
    partial = probe_of(FakeNvml(broken=frozenset({call}))).sample()
    assert partial.items() <= whole.items()
    assert partial != whole or call == "nvmlDeviceGetName"


def test_a_card_that_is_lost_while_it_is_watched_is_silent_and_the_other_goes_on() -> None:
    library = FakeNvml(count=2)
    probe = probe_of(library)
    probe.sample()
    library.lost = {1}
    readings = probe.sample()
    assert "gpu0/util" in readings
    assert not [name for name in readings if name.startswith("gpu1/")]


def test_a_card_that_comes_back_speaks_again() -> None:
    library = FakeNvml(broken=frozenset({"nvmlDeviceGetCount"}))
    probe = probe_of(library)
    assert probe.sample() == {}
    library.broken.clear()
    assert probe.sample()["gpu0/util"] == 0.91


def test_without_a_driver_there_is_one_line_on_why() -> None:
    probe = probe_of(FakeNvml(broken=frozenset({"nvmlInit"})))
    assert probe.sample() == {}
    assert probe.note == "no NVIDIA GPU: Not Supported"


def test_without_the_library_there_is_one_line_on_why() -> None:
    def load() -> Any:  # noqa: ANN401 - as the loader that it stands for
        raise ImportError("No module named 'pynvml'")

    probe = NvmlProbe(load)
    assert probe.sample() == {}
    assert "No module named 'pynvml'" in probe.note


def test_a_driver_that_is_loaded_later_is_found_and_the_note_goes_away() -> None:
    library = FakeNvml(broken=frozenset({"nvmlInit"}))
    probe = probe_of(library)
    probe.sample()
    library.broken.clear()
    assert probe.sample()["gpu0/power"] == 612.0
    assert probe.note == ""


def test_the_library_is_opened_once() -> None:
    library = FakeNvml()
    probe = probe_of(library)
    probe.sample()
    probe.sample()
    assert library.calls.count("nvmlInit") == 1


def test_a_machine_without_cards_has_no_readings() -> None:
    assert probe_of(FakeNvml(count=0)).sample() == {}


def test_the_real_library_raises_nothing_whatever_this_machine_has() -> None:
    probe = NvmlProbe()
    readings = probe.sample()
    assert not (readings and probe.note)
    assert all(0 <= value <= 1 for name, value in readings.items() if name.endswith("/util"))
