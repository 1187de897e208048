"""AMD's cards, through a binding of our own that answers as amdsmi 7.0 does."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.probes.clock import Clock
from trainmon.probes.amd import AmdProbe
from trainmon.probes.sample import GpuProcess, Sample
from trainmon.probes.visible import Card

GIB = 2.0**30
LONG = 600.0
"""Seconds after which a library is tried again."""

WHOLE = {
    "gpu0/util": 0.97,
    "gpu0/mem_used": 150 * GIB,
    "gpu0/mem_total": 192 * GIB,
    "gpu0/power": 640.0,
    "gpu0/power_limit": 750.0,
    "gpu0/temp": 71.0,
    "gpu0/clock": 2_100.0,
    "gpu0/clock_max": 2_100.0,
    "gpu0/mem_clock": 1_300.0,
    "gpu0/mem_clock_max": 1_300.0,
    "gpu0/ecc_corrected": 2.0,
    "gpu0/ecc_uncorrected": 0.0,
}


class AmdSmiLibraryError(Exception):
    """What the binding raises: its text tells the status."""

    def __init__(self, info: str) -> None:
        super().__init__(3)
        self.err_info = info


NOT_SUPPORTED = AmdSmiLibraryError("AMDSMI_STATUS_NOT_SUPPORTED - Feature not supported")
NO_PERMISSION = AmdSmiLibraryError("AMDSMI_STATUS_NO_PERM - Permission Denied")
NOT_LOADED = AmdSmiLibraryError("AMDSMI_STATUS_DRIVER_NOT_LOADED - Driver not loaded")
UNKNOWN = AmdSmiLibraryError("AMDSMI_STATUS_UNKNOWN_ERROR - An unknown error occurred")


class FakeAmdSmi:
    """The binding on a machine with `count` cards; the calls in `broken` raise."""

    AmdSmiClkType = SimpleNamespace(GFX="gfx", MEM="mem")
    AmdSmiTemperatureType = SimpleNamespace(HOTSPOT="hotspot", EDGE="edge")
    AmdSmiTemperatureMetric = SimpleNamespace(CURRENT="current")

    def __init__(self, count: int = 1, broken: dict[str, Exception] | None = None) -> None:
        self.count = count
        self.broken = dict(broken or {})
        self.calls: list[str] = []
        self.answers: dict[str, Callable[..., Any]] = {
            "amdsmi_init": lambda: None,
            "amdsmi_shut_down": lambda: None,
            "amdsmi_get_processor_handles": lambda: list(range(self.count)),
            "amdsmi_get_gpu_asic_info": lambda _: {"market_name": "AMD Instinct MI300X"},
            "amdsmi_get_gpu_device_uuid": lambda gpu: f"a1-{gpu}",
            "amdsmi_get_gpu_activity": lambda _: {"gfx_activity": 97, "umc_activity": 40},
            "amdsmi_get_gpu_vram_usage": lambda _: {"vram_total": 196_608, "vram_used": 153_600},
            "amdsmi_get_power_info": lambda _: {
                "current_socket_power": 640,
                "average_socket_power": "N/A",
            },
            "amdsmi_get_power_cap_info": lambda _: {"power_cap": 750_000_000},
            "amdsmi_get_temp_metric": lambda _gpu, sensor, _: {"hotspot": 71, "edge": 52}[sensor],
            "amdsmi_get_clock_info": lambda _, kind: {
                "clk": 2_100 if kind == "gfx" else 1_300,
                "max_clk": 2_100 if kind == "gfx" else 1_300,
            },
            "amdsmi_get_gpu_total_ecc_count": lambda _: {
                "correctable_count": 2,
                "uncorrectable_count": 0,
            },
            "amdsmi_get_gpu_process_list": lambda gpu: [
                {
                    "name": "python",
                    "pid": 4_000 + gpu,
                    "mem": 7,
                    "memory_usage": {"vram_mem": int(140 * GIB)},
                },
                {"name": "N/A", "pid": 900, "mem": "N/A", "memory_usage": {}},
            ],
        }

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self.answers:
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:  # noqa: ANN401 - as the binding's own
            self.calls.append(name)
            if name in self.broken:
                raise self.broken[name]
            return self.answers[name](*arguments)

        return call


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    file = tmp_path / "kfd"
    file.touch()
    return file


def test_a_card_tells_everything_under_the_names_of_all_cards(driver: Path) -> None:
    sample = AmdProbe(FakeAmdSmi, driver=driver).read()
    assert sample == Sample(
        WHOLE,
        {"gpu0": "AMD Instinct MI300X"},
        (),
        (GpuProcess("gpu0", 4_000, 140 * GIB, "python"), GpuProcess("gpu0", 900, None)),
        (Card("gpu0", "a1-0"),),
    )


def test_two_cards_have_numbers_of_their_own(driver: Path) -> None:
    sample = AmdProbe(lambda: FakeAmdSmi(2), driver=driver).read()
    assert len(sample.readings) == 2 * len(WHOLE)


@pytest.mark.parametrize("error", [NOT_SUPPORTED, NO_PERMISSION, UNKNOWN, ValueError("what")])
@pytest.mark.parametrize("call", [name for name in FakeAmdSmi().answers if "get_" in name][1:])
def test_a_call_that_fails_leaves_out_what_it_would_tell(
    call: str, error: Exception, driver: Path
) -> None:
    sample = AmdProbe(lambda: FakeAmdSmi(broken={call: error}), driver=driver).read()
    assert sample.readings.items() <= WHOLE.items()
    assert len(sample.readings) >= len(WHOLE) - 4


def test_what_is_refused_once_is_not_asked_again_and_is_said(driver: Path) -> None:
    library = FakeAmdSmi(broken={"amdsmi_get_power_info": NOT_SUPPORTED})
    probe = AmdProbe(lambda: library, driver=driver)
    for _ in range(3):
        sample = probe.read()
    assert library.calls.count("amdsmi_get_power_info") == 1
    assert sample.notes == ("GPU 0 does not tell its power",)


def test_a_card_without_a_hot_spot_tells_the_temperature_at_its_edge(driver: Path) -> None:
    library = FakeAmdSmi()
    library.answers["amdsmi_get_temp_metric"] = lambda _, sensor, __: {"edge": 52_000}.get(sensor)
    assert AmdProbe(lambda: library, driver=driver).read().readings["gpu0/temp"] == 52.0


def test_a_driver_that_goes_away_is_told_and_read_again_when_it_is_back(driver: Path) -> None:
    library, clock = FakeAmdSmi(), Clock()
    probe = AmdProbe(lambda: library, driver=driver, clock=clock)
    probe.read()
    library.broken = {"amdsmi_get_gpu_activity": NOT_LOADED}
    assert probe.read() == Sample(notes=("no AMD GPU: Driver not loaded",))
    library.broken = {}
    clock.pass_by(LONG)
    assert probe.read().readings == WHOLE


def test_a_machine_without_the_driver_is_silent_and_loads_nothing(tmp_path: Path) -> None:
    def load() -> Any:  # noqa: ANN401 - as the loader that it stands for
        raise AssertionError("loaded")

    assert AmdProbe(load, driver=tmp_path / "kfd").read() == Sample()


def test_a_driver_without_the_binding_is_told_what_would_read_it(driver: Path) -> None:
    def load() -> Any:  # noqa: ANN401 - as the loader that it stands for
        raise ImportError("No module named 'amdsmi'")

    assert "pip install amdsmi" in AmdProbe(load, driver=driver).read().notes[0]


def test_a_binding_that_does_not_begin_is_told_in_words(driver: Path) -> None:
    sample = AmdProbe(
        lambda: FakeAmdSmi(broken={"amdsmi_init": NO_PERMISSION}), driver=driver
    ).read()
    assert sample == Sample(notes=("no AMD GPU: Permission Denied",))
