"""The probe and the real binding on a driver's library of our own, compiled here."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parent / "stub" / "nvml.c"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler on this machine")

SAMPLES = """
import json, os, sys
from dataclasses import asdict
from trainmon.probes.nvml import NvmlProbe

seconds = iter(range(0, 10**6, 60))
probe = NvmlProbe(clock=lambda: float(next(seconds)))
told = []
for state in sys.argv[1:]:
    os.environ["NVML_STUB"] = state
    told.append(asdict(probe.read()))
print(json.dumps(told, default=list))
"""
"""Takes one sample in each of some states of the driver."""

HANGING = """
import json, sys
from threading import Event
from trainmon.probes.aside import Aside
from trainmon.probes.nvml import NvmlProbe

probe = NvmlProbe()
aside = Aside("GPU", probe, clock=iter((0.0, 7.0)).__next__)
aside.ask()
while probe.asking != "GPU 1: temperature":
    Event().wait(0.001)
print(json.dumps(aside.answer(patience=0.0).notes))
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("driver"))


@pytest.fixture(scope="module")
def old_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("old-driver"), "-DOLD_DRIVER")


def compiled(folder: Path, *options: str) -> Path:
    """Return the folder that the library has been built in."""
    assert COMPILER
    library = str(folder / "libnvidia-ml.so.1")
    command = [COMPILER, "-std=gnu11", "-shared", "-fPIC", "-o", library, *options, str(SOURCE)]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603 - the system's compiler
    return folder


def run(driver: Path, code: str, states: Sequence[str] = (), **more: str) -> Any:  # noqa: ANN401 - JSON
    """Return what code tells that runs where this driver is installed."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code, *states],
        env=os.environ | {"LD_LIBRARY_PATH": str(driver)} | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def samples(driver: Path, *states: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = run(driver, SAMPLES, states)
    return told


def test_one_card_tells_everything(driver: Path) -> None:
    _, second = samples(driver, "", "")
    assert second["readings"]["gpu0/mem_used"] == 71 * 2**30
    assert second["readings"]["gpu0/mem_reserved"] == 2**30
    assert second["readings"]["gpu0/power"] == 612.0
    assert second["readings"]["gpu0/pcie_recv"] == 2 * 2**20
    assert second["readings"]["gpu0/throttle/sw_thermal"] == 1.0
    assert second["readings"]["gpu0/throttle/hw_thermal"] == 0.0
    assert (second["readings"]["gpu0/ecc_corrected"], second["notes"]) == (5.0, [])
    assert second["processes"][0]["pid"] == 4_000
    assert len(second["readings"]) == 25


def test_traffic_over_nvlink_is_told_per_second_and_left_out_without_links(driver: Path) -> None:
    _, linked = samples(driver, "", "")
    assert linked["readings"]["gpu0/nvlink_recv"] == 2 * linked["readings"]["gpu0/nvlink_sent"] > 0
    assert not [name for name in samples(driver, "no-nvlink", "")[1]["readings"] if "link" in name]


def test_two_cards_are_told_apart(driver: Path) -> None:
    (sample,) = samples(driver, "gpus=2")
    assert sample["readings"]["gpu1/util"] == 0.9
    assert [card["uuid"] for card in sample["cards"]] == ["GPU-0000", "GPU-1000"]
    assert [(each["gpu"], each["pid"]) for each in sample["processes"]] == [
        ("gpu0", 4_000),
        ("gpu1", 4_001),
    ]


def test_a_partitioned_card_tells_the_memory_and_the_processes_of_its_instances(
    driver: Path,
) -> None:
    (sample,) = samples(driver, "mig;gpus=2")
    assert sample["readings"]["gpu0/mig1/mem_total"] == 40 * 2**30
    assert "gpu0/util" not in sample["readings"]
    assert sample["readings"]["gpu1/util"] == 0.9
    assert sample["names"]["gpu0/mig0"] == "NVIDIA Stub 80GB MIG 3g.40gb"
    assert [each["uuid"] for each in sample["cards"][0]["instances"]] == ["MIG-0000", "MIG-0100"]
    assert sample["processes"][1]["gpu"] == "gpu0/mig1"
    assert sample["notes"] == ["GPU 0 is partitioned: how busy its MIG instances are is not told"]


def test_a_card_that_is_lost_at_some_call_is_told_and_read_again_when_it_is_back(
    driver: Path,
) -> None:
    first, lost, back = samples(driver, "gpus=2", "gpus=2;*@1=15#30", "gpus=2")
    assert "gpu1/util" in first["readings"]
    assert not [name for name in lost["readings"] if name.startswith("gpu1/")]
    assert lost["readings"]["gpu0/util"] == 0.91
    assert lost["notes"][0].startswith("GPU 1 is lost")
    assert "gpu1/util" in back["readings"]
    assert back["notes"] == []


def test_what_is_not_supported_is_left_out_and_said(driver: Path) -> None:
    state = "nvmlDeviceGetPowerUsage=3;nvmlDeviceGetTotalEccErrors=3;nvmlDeviceGetPcieThroughput=3"
    (sample,) = samples(driver, state)
    assert not {"gpu0/power", "gpu0/ecc_corrected", "gpu0/pcie_sent"} & sample["readings"].keys()
    assert sample["readings"]["gpu0/temp"] == 64.0
    assert sample["notes"] == ["GPU 0 does not tell its power"]


def test_an_old_driver_is_read_through_its_older_functions(old_driver: Path) -> None:
    (sample,) = samples(old_driver, "")
    assert sample["readings"]["gpu0/mem_used"] == 72 * 2**30
    assert "gpu0/mem_reserved" not in sample["readings"]
    assert sample["readings"]["gpu0/throttle/sw_power_cap"] == 1.0
    assert [(each["pid"], each["memory"]) for each in sample["processes"]] == [(4_000, 60 * 2**30)]
    assert sample["notes"] == []


@pytest.mark.parametrize(
    ("code", "words"),
    [(9, "its driver is not loaded"), (18, "its driver was updated"), (4, "no permission")],
)
def test_a_driver_that_does_not_begin_is_told_in_words_and_tried_again(
    driver: Path, code: int, words: str
) -> None:
    refused, fine = samples(driver, f"nvmlInitWithFlags={code}", "")
    assert words in refused["notes"][0]
    assert fine["readings"]["gpu0/util"] == 0.91


def test_a_driver_that_goes_away_and_comes_back_is_picked_up_again(driver: Path) -> None:
    _, gone, back = samples(driver, "", "nvmlDeviceGetCount_v2=1", "")
    assert gone["notes"] == ["no NVIDIA GPU: its driver was unloaded"]
    assert back["readings"]["gpu0/util"] == 0.91


def test_a_call_that_never_returns_holds_up_nobody_and_is_named(driver: Path) -> None:
    state = "gpus=2;nvmlDeviceGetTemperature@1=hang"
    notes = run(driver, HANGING, NVML_STUB=state)
    assert notes == ["GPU probe hangs since 7 s, at GPU 1: temperature"]


SOME = """
import json, os
from trainmon.probes.nvml import NvmlProbe

probe = NvmlProbe(bus=False)
every = probe.read()
probe.only = frozenset({"gpu1"})
some = probe.read()
told = [sorted({name.partition("/")[0] for name in each.readings}) for each in (every, some)]
bus = [name for name in every.readings if "pcie" in name]
print(json.dumps([*told, [card.name for card in some.cards], bus]))
"""


def test_some_cards_are_read_and_the_others_keep_their_numbers(driver: Path) -> None:
    every, some, cards, bus = run(driver, SOME, NVML_STUB="gpus=3")
    assert every == cards == ["gpu0", "gpu1", "gpu2"]
    assert some == ["gpu1"]
    assert bus == []
