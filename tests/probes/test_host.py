from trainmon.machine import MachineProbe
from trainmon.probes.host import HostProbe


def test_the_host_tells_its_load_and_its_memory_within_bounds() -> None:
    readings = HostProbe().sample()
    assert set(readings) == {"cpu", "mem_used", "mem_total", "swap_used"}
    assert 0 <= readings["cpu"] <= 1
    assert 0 < readings["mem_used"] <= readings["mem_total"]
    assert readings["swap_used"] >= 0


def test_the_machine_is_the_host_and_its_cards_or_why_there_are_none() -> None:
    machine = MachineProbe().sample()
    assert "cpu" in machine.readings
    assert machine.time > 0
    assert not ("gpu0/mem_total" in machine.readings and machine.notes)
