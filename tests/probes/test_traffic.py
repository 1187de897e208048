from pathlib import Path

from tests.probes.clock import Clock
from trainmon.probes.traffic import Traffic, outer, read_totals


def test_rates_are_of_the_time_since_the_last_sample() -> None:
    clock = Clock()
    totals = iter([{"disk_read": 100.0}, {"disk_read": 700.0, "net_sent": 5.0}])
    traffic = Traffic(totals.__next__, clock)
    assert traffic.sample() == {}
    clock.pass_by(3.0)
    assert traffic.sample() == {"disk_read": 200.0}


def test_a_counter_that_begins_anew_is_left_out_once() -> None:
    clock = Clock()
    traffic = Traffic(
        iter([{"net_recv": 900.0}, {"net_recv": 10.0}, {"net_recv": 40.0}]).__next__, clock
    )
    told = []
    for _ in range(3):
        told.append(traffic.sample())
        clock.pass_by(1.0)
    assert told == [{}, {}, {"net_recv": 30.0}]


def test_bridges_do_not_count_the_same_bytes_again(tmp_path: Path) -> None:
    (tmp_path / "eth0" / "device").mkdir(parents=True)
    (tmp_path / "docker0").mkdir()
    assert outer({"lo", "eth0", "docker0", "veth1"}, tmp_path) == {"eth0"}


def test_in_a_container_all_but_the_loopback_leads_out(tmp_path: Path) -> None:
    assert outer({"lo", "eth0"}, tmp_path) == {"eth0"}


def test_this_host_counts_something() -> None:
    assert all(total >= 0 for total in read_totals().values())
