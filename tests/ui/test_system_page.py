"""The machine on the screen: now, lately, and never that of somebody else's run."""

from dataclasses import replace

from tests.ui.opened import SMALL, WIDE, opened
from tests.ui.scenes import MACHINE, START, overfitting, run_of, scene_of, short, view_of
from trainmon.store.batch import Record
from trainmon.ui.charts.ink import Ink
from trainmon.ui.devices import told_devices
from trainmon.view import Machine, RunView, View


def _machine(**readings: float) -> Machine:
    named = {name.replace("__", "/"): value for name, value in readings.items()}
    return Machine(START, named, {"gpu0": "NVIDIA H100"})


def _logging(**readings: float) -> RunView:
    """Return a run elsewhere whose log tells of its machine."""
    logged: dict[str, float] = {f"sys/{name}": value for name, value in readings.items()}
    records: list[Record] = [{"step": n, "train/loss": 1.0, **logged} for n in range(20)]
    return replace(run_of(records), local=False)


def _lines(view: View, label: str) -> dict[str, str]:
    """Return the readings of a device in words."""
    (device,) = (d for d in told_devices(scene_of(view)).devices if d.label == label)
    return {line.label: line.words for line in device.lines}


async def test_5_shows_each_gpu_and_the_host_as_they_are_now() -> None:
    async with opened(view_of(run_of(overfitting()), machine=MACHINE)) as screen:
        text = await screen.press("5")
        assert "GPU 0  NVIDIA H100" in text
        assert "71 of 80 GB" in text
        assert "612 W" in text
        assert "101 of 512 GB" in text
        assert "live" in text


async def test_what_it_was_lately_is_drawn_as_samples_come() -> None:
    view = view_of(run_of(overfitting()), machine=_machine(gpu0__util=0.2))
    async with opened(view) as screen:
        before = await screen.press("5")
        assert "█▁" not in before
        for second, util in enumerate((1.0, 0.2, 1.0, 0.2), start=1):
            sample = replace(_machine(gpu0__util=util), time=START + second)
            await screen.show(replace(view, revision=1 + second, machine=sample))
        assert "▂█▂█▂" in screen.text


def test_a_reading_near_its_limit_stands_out() -> None:
    machine = _machine(gpu0__mem_used=79e9, gpu0__mem_total=80e9, gpu0__temp=91.0)
    scene = scene_of(view_of(run_of(short()), machine=machine))
    (gpu,) = told_devices(scene).devices
    assert [line.ink for line in gpu.lines] == [Ink.WARNING, Ink.WARNING]


def test_reasons_of_throttling_are_told_in_words() -> None:
    readings = {"gpu0/util": 0.9, "gpu0/throttle/sw_thermal": 1.0, "gpu0/throttle/hw_slowdown": 0.0}
    view = view_of(run_of(short()), machine=Machine(START, readings))
    assert _lines(view, "GPU 0") == {"util": "90 %", "throttled": "sw thermal"}


def test_a_run_elsewhere_is_shown_with_what_its_log_tells_and_not_with_this_machine() -> None:
    run = _logging(**{"gpu3/util": 55.0, "cpu": 0.5})
    view = view_of(run, machine=MACHINE)
    assert _lines(view, "GPU 3") == {"util": "55 %"}
    assert _lines(view, "host") == {"CPU": "50 %"}
    assert told_devices(scene_of(view)).where == "as logged"


async def test_a_run_elsewhere_whose_log_tells_nothing_says_what_would_help() -> None:
    remote = replace(run_of(short()), local=False)
    async with opened(view_of(remote, machine=MACHINE), SMALL) as screen:
        assert "its log holds no sys/ metrics" in await screen.press("5")


async def test_many_cards_are_scrolled_to() -> None:
    readings = {f"gpu{n}/util": n / 100 for n in range(40)}
    view = view_of(run_of(short()), machine=Machine(START, readings))
    async with opened(view, WIDE) as screen:
        assert "GPU 39" not in await screen.press("5")
        assert "GPU 39" in await screen.press(*["j"] * 30)
        assert "GPU 0 " in await screen.press(*["k"] * 30)
