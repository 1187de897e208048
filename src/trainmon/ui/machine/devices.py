"""The devices of a machine, each with what is read of it: now, and as it went lately."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from trainmon.hardware.readings import gpus_in
from trainmon.store.batch import Floats
from trainmon.ui.machine.device_lines import gpu_lines, host_lines, run_lines
from trainmon.ui.machine.telling import Histories, Line, Readings
from trainmon.ui.machine.whose_machine import LoggedHost, live_machine, logged_hosts
from trainmon.ui.scene import Scene
from trainmon.view import Machine

_SPACE = "sys/"

_LATELY = 240
"""Samples of this machine that are looked back over: four minutes, as many as a wide sparkline has
cells, since a frame may cost no more when a screen has been open for long."""


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU, the host, or what a run takes of it."""

    label: str
    name: str
    lines: tuple[Line, ...]
    mark: str = ""
    """What tells it from its neighbours: that it is the one of the run."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the machine of a run, and from where."""

    devices: tuple[Device, ...] = ()
    notes: tuple[str, ...] = ()
    where: str = ""


def told_devices(scene: Scene) -> Told:
    """Return the devices of the machine that the run of a scene is on."""
    machine, run = live_machine(scene), scene.run
    if machine:
        lately = _Samples(scene.machines[-_LATELY:] or (machine,))
        where = "live" if scene.moment is None else "as it was"
        return Told(tuple(_live(machine, lately, run.pids if run else ())), machine.notes, where)
    if run is None:
        return Told()
    hosts = logged_hosts(run)
    devices = [device for host in hosts for device in _logged(host, alone=len(hosts) == 1)]
    return Told(tuple(devices), (), "as logged" if devices else "")


def _logged(host: LoggedHost, *, alone: bool) -> Iterator[Device]:
    """Yield the GPUs of a host that its ranks tell of, these themselves, and the host."""
    now, mark = host.now, "" if alone else host.name
    for gpu in _gpus(now):
        yield Device(_label(gpu), "", tuple(gpu_lines(gpu, now, host.lately)), mark)
    if lines := tuple(run_lines(host.ranks, now, host.lately)):
        name = "" if len(host.ranks) == 1 else f"{len(host.ranks)} ranks"
        yield Device("this run", name, lines, mark)
    if lines := tuple(host_lines(now, host.lately)):
        yield Device("host", host.name, lines)


def _live(machine: Machine, lately: Histories, pids: tuple[int, ...]) -> Iterator[Device]:
    """Yield the GPUs of this machine, what the run takes of it, and the host."""
    now = machine.readings
    gpus = _gpus(now)
    ours = {gpu.partition("/")[0] for pid in pids for gpu in machine.gpus_of.get(pid, ())}
    for gpu in gpus:
        lines = tuple(gpu_lines(gpu, now, lately, machine.processes, pids))
        device = Device(_label(gpu), machine.names.get(gpu, ""), lines)
        is_one_of_many = gpu in ours and len(ours) < len(gpus)
        yield replace(device, mark="this run") if is_one_of_many else device
    if lines := tuple(run_lines(pids, now, lately)):
        ranks = f"pid {pids[0]}" if len(pids) == 1 else f"{len(pids)} ranks here"
        yield Device("this run", ranks, lines)
    if lines := tuple(host_lines(now, lately, machine)):
        yield Device("host", "", lines)


def _gpus(now: Readings) -> list[str]:
    """Return the GPUs that anything is read of, in the order of their numbers."""
    metrics = gpus_in(tuple(f"{_SPACE}{name}" for name in now))
    return sorted(metrics, key=lambda gpu: int(gpu.removeprefix("gpu")))


def _label(gpu: str) -> str:
    return gpu.upper().replace("GPU", "GPU ")


@dataclass(frozen=True, slots=True)
class _Samples:
    """The last samples of this machine, from which single readings are taken when asked for."""

    machines: Sequence[Machine]

    def get(self, name: str) -> Floats | None:
        """Return the last values of a reading; NaN where a sample lacks it."""
        return np.array([machine.readings.get(name, nan) for machine in self.machines])
