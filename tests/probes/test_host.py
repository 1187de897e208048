from trainmon.probes.host import HostProbe


def test_the_host_tells_its_load_and_its_memory_within_bounds() -> None:
    readings = HostProbe().sample()
    assert set(readings) == {"cpu", "mem_used", "mem_total", "swap_used"}
    assert 0 <= readings["cpu"] <= 1
    assert 0 < readings["mem_used"] <= readings["mem_total"]
    assert readings["swap_used"] >= 0
