"""The machine on the screen: now, lately, and never that of somebody else's run."""

from dataclasses import replace

from tests.ui.opened import SMALL, WIDE, opened
from tests.ui.scenes import MACHINE, START, overfitting, run_of, scene_of, short, view_of
from trainmon.probes.sample import GpuProcess
from trainmon.store.batch import Record
from trainmon.store.lane_view import LaneView
from trainmon.ui.charts.ink import Ink
from trainmon.ui.machine.devices import Device, told_devices
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


def _devices(machine: Machine, *pids: int) -> list[Device]:
    run = replace(run_of(short()), pids=pids)
    return list(told_devices(scene_of(view_of(run, machine=machine))).devices)


def test_a_card_tells_what_goes_through_it_and_who_holds_it() -> None:
    readings = {
        "gpu0/util": 0.5,
        "gpu0/mem_clock": 1_313.0,
        "gpu0/mem_clock_max": 2_619.0,
        "gpu0/pcie_recv": 2.0**30,
        "gpu0/pcie_sent": 2.0**20,
        "gpu0/ecc_corrected": 0.0,
        "gpu0/ecc_uncorrected": 2.0,
        "gpu0/mig1/mem_used": 9.0 * 2**30,
        "gpu0/mig1/mem_total": 10.0 * 2**30,
    }
    processes = (
        GpuProcess("gpu0", 9, 3.0 * 2**30, "miner"),
        GpuProcess("gpu0/mig1", 7, 2.0**30, "python", run=5),
        GpuProcess("gpu1", 8, 2.0**30, "python"),
        *(GpuProcess("gpu0", pid, None) for pid in (11, 12, 13)),
    )
    (gpu,) = _devices(Machine(START, readings, processes=processes), 5)
    told = [(line.label, line.words, line.ink) for line in gpu.lines]
    assert told == [
        ("util", "50 %", Ink.STRONG),
        ("mem clock", "1,313 of 2,619 MHz", Ink.WARNING),
        ("PCIe in/out", "1 GB / 1 MB/s", Ink.STRONG),
        ("ECC errors", "2 uncorrected", Ink.WARNING),
        ("MIG 1", "9 of 10 GB", Ink.STRONG),
        ("held by", "python 7  1 GB  this run", Ink.STRONG),
        ("", "miner 9  3 GB", Ink.TEXT),
        ("", "pid 11", Ink.TEXT),
        ("", "pid 12", Ink.TEXT),
        ("", "and 1 more", Ink.DIM),
    ]


def test_a_card_that_idles_lowers_its_clock_by_itself() -> None:
    for util, ink in ((0.0, Ink.STRONG), (0.9, Ink.WARNING)):
        machine = _machine(gpu0__util=util, gpu0__clock=345.0, gpu0__clock_max=1_980.0)
        (gpu,) = _devices(machine)
        assert gpu.lines[-1].ink == ink


def test_the_cards_of_the_run_are_marked_where_it_has_not_all() -> None:
    readings = {"gpu0/util": 0.5, "gpu1/util": 0.5}
    some = Machine(START, readings, gpus_of={5: ("gpu1",), 6: ("gpu0",)})
    assert [device.mark for device in _devices(some, 5)] == ["", "this run"]
    every = Machine(START, readings, gpus_of={5: ("gpu0", "gpu1")})
    assert [device.mark for device in _devices(every, 5)] == ["", ""]
    assert [device.mark for device in _devices(some)] == ["", ""]


def test_what_the_run_takes_of_the_host_is_told_beside_it() -> None:
    readings = {
        "cpu": 0.5,
        "cores": 2.5,
        "cores_total": 64.0,
        "mem_used": 2.0 * 2**30,
        "mem_total": 4.0 * 2**30,
        "mem_host": 512.0 * 2**30,
        "load": 3.25,
        "disk_read": 3.0 * 2**20,
        "run5/cores": 1.25,
        "run5/cores_allowed": 2.5,
        "run5/rss": 2.0**30,
        "run5/workers": 4.0,
        "run5/workers_cores": 1.0,
        "run5/workers_rss": 2.0**31,
        "run6/rss": 7.0,
    }
    machine = Machine(START, readings, cores=bytes([0, 100, 50]), seconds={"host": 0.0012})
    run, host = _devices(machine, 5)
    assert [(line.label, line.words) for line in run.lines] == [
        ("CPU", "1.2 of 2.5 cores"),
        ("memory", "1 GB"),
        ("workers", "4, 25 % busy"),
        ("workers mem", "2 GB"),
    ]
    told = {line.label: line.words for line in host.lines}
    assert told == {
        "CPU": "50 %",
        "each core": "",
        "load": "3.25",
        "memory": "2 of 4 GB",
        "limited to": "2.5 of 64 cores, 4 GB of 512 GB",
        "disk read": "3 MB/s",
        "sampling": "host 1.2 ms",
    }
    (cores,) = (line for line in host.lines if line.label == "each core")
    assert cores.abreast.tolist() == [0.0, 1.0, 0.5]


def test_the_ranks_of_a_run_are_told_together() -> None:
    readings = {
        f"run{pid}/{name}": value
        for pid in (5, 6)
        for name, value in (("cores", 2.0), ("cores_allowed", 8.0), ("rss", 2.0**30))
    }
    (run,) = _devices(Machine(START, readings), 5, 6, 7)
    assert run.name == "3 ranks here"
    assert [line.words for line in run.lines] == ["4.0 of 8.0 cores", "2 GB"]


async def test_each_core_has_a_bar_in_one_line() -> None:
    machine = Machine(START, {"cpu": 0.5}, cores=bytes([0, 100, 50, 100]))
    async with opened(view_of(run_of(short()), machine=machine), SMALL) as screen:
        assert "each core   ▁█▅█ " in await screen.press("5")


async def test_that_a_probe_hangs_is_told_also_where_the_boxes_fill_the_screen() -> None:
    readings = {f"gpu{n}/util": n / 100 for n in range(40)} | {"cpu": 0.5}
    note = "GPU probe hangs since 12 s, at GPU 3: power"
    view = view_of(run_of(short()), machine=Machine(START, readings, notes=(note,)))
    async with opened(view, SMALL) as screen:
        assert note in await screen.press("5")


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


def _ended_here(**readings: float) -> RunView:
    """Return a run that ended on this machine and logged what it did."""
    return replace(_logging(**readings), local=True)


def test_a_run_that_has_ended_is_shown_with_its_own_readings_and_not_with_those_of_now() -> None:
    view = view_of(_ended_here(**{"gpu3/util": 0.55}), machine=MACHINE)
    assert _lines(view, "GPU 3") == {"util": "55 %"}
    assert told_devices(scene_of(view)).where == "as logged"
    living = replace(view.runs[0], pids=(5,))
    assert told_devices(scene_of(view_of(living, machine=MACHINE))).where == "live"


def test_an_earlier_moment_is_shown_as_it_was_logged() -> None:
    view = view_of(replace(_ended_here(cpu=0.5), pids=(5,)), machine=MACHINE)
    assert told_devices(scene_of(view, moment=3)).where == "as logged"


def _rank(rank: int, host: str, **readings: float) -> LaneView:
    named = {f"sys/{name}": value for name, value in readings.items()}
    header: Record = {"trainmon": 1, "host": host, "rank": rank}
    (lane,) = run_of([header, *({"time": START + n, **named} for n in range(9))]).lanes
    return replace(lane, rank=rank)


def test_the_ranks_of_each_host_tell_of_it_together() -> None:
    lanes = (
        _rank(0, "node-1", **{"gpu0/util": 0.9, "rss": 2.0**30, "cpu": 0.5}),
        _rank(1, "node-1", **{"gpu1/util": 0.8, "rss": 2.0**30, "process/cores": 1.5}),
        _rank(2, "node-2", **{"gpu0/util": 0.1, "process/stopped": 1.0}),
    )
    run = replace(run_of(short()), lanes=lanes, local=False)
    devices = told_devices(scene_of(view_of(run, machine=MACHINE))).devices
    assert [(each.label, each.name, each.mark) for each in devices] == [
        ("GPU 0", "", "node-1"),
        ("GPU 1", "", "node-1"),
        ("this run", "2 ranks", "node-1"),
        ("host", "node-1", ""),
        ("GPU 0", "", "node-2"),
        ("this run", "", "node-2"),
    ]
    assert {line.label: line.words for line in devices[2].lines} == {
        "CPU": "1.5 cores",
        "memory": "2 GB",
    }
    assert [line.words for line in devices[5].lines] == ["suspended"]


async def test_the_overview_never_shows_this_machine_for_a_run_elsewhere() -> None:
    view = view_of(_logging(**{"gpu3/util": 0.55, "cpu": 0.5}), machine=MACHINE)
    async with opened(view) as screen:
        text = screen.text
    assert "GPU 3" in text
    assert "as logged" in text
    assert "612 W" not in text
