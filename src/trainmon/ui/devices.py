"""The devices of a machine, each with what is read of it: now, and as it went lately."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from trainmon.hardware.readings import gpus_in
from trainmon.roles import Role
from trainmon.store.batch import Floats
from trainmon.ui.device_lines import gpu_lines, host_lines, run_lines
from trainmon.ui.scene import Scene
from trainmon.ui.telling import Histories, Line, Readings
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
    """Return the devices of the machine that the run of a scene is on.

    This machine is shown only for a run on this machine: the GPU of a laptop says nothing of a
    run in a cluster.
    """
    machine, run = scene.view.machine, scene.run
    if machine and (run is None or run.local):
        lately = _Samples(scene.machines[-_LATELY:] or (machine,))
        where = "live" if scene.moment is None else "as it was"
        return Told(tuple(_live(machine, lately, run.pids if run else ())), machine.notes, where)
    if run is None:
        return Told()
    logged = {}
    for name in run.context.names(Role.SYSTEM):
        samples = run.lead.samples(name)
        if len(samples):
            logged[name.removeprefix(_SPACE)] = samples.values
    now = {name: float(values[-1]) for name, values in logged.items()}
    devices = [Device(_label(gpu), "", tuple(gpu_lines(gpu, now, logged))) for gpu in _gpus(now)]
    if host := tuple(host_lines(now, logged)):
        devices.append(Device("host", "", host))
    return Told(tuple(devices), (), "as logged" if logged else "")


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
