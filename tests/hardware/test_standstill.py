"""What a silent process does, from the readings before and since it fell silent."""

import pytest

from trainmon.hardware.standstill import Standstill, standstill
from trainmon.store.batch import Record, batch_of
from trainmon.store.lane import Lane

CARD = {"sys/gpu0/util": 1.0, "sys/gpu0/power": 120.0, "sys/gpu0/power_limit": 400.0}


def _of(before: Record, since: Record) -> Standstill | None:
    lane = Lane()
    lane.append(batch_of([before] * 20 + [since] * 20))
    names = [name for names in lane.new_metrics.values() for name in names]
    return standstill(lane, names, 20, 40)


def _doing(before: Record, since: Record) -> str:
    found = _of(before, since)
    assert found is not None
    return found.doing.value


def test_a_card_that_drew_as_little_at_work_computes_and_does_not_wait() -> None:
    assert _doing(CARD | {"sys/gpu0/power": 130.0}, CARD) == "gpu"
    assert _doing(CARD | {"sys/gpu0/power": 300.0}, CARD) == "collective"


def test_the_power_limit_may_be_told_once_and_without_it_nothing_is_said_of_a_collective() -> None:
    since = {name: value for name, value in CARD.items() if "limit" not in name}
    assert _doing(CARD | {"sys/gpu0/power": 300.0}, since) == "collective"
    assert _doing(since | {"sys/gpu0/power": 300.0}, since) == "gpu"


def test_the_busiest_card_counts() -> None:
    idle = {"sys/gpu1/util": 0.0, "sys/gpu1/power": 60.0, "sys/gpu1/power_limit": 400.0}
    found = _of(CARD | idle, CARD | idle)
    assert found is not None
    assert found.evidence["power_share"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("readings", "doing"),
    [
        ({"sys/process/faults": 300.0, "sys/swap_used": 4e9}, "swapping"),
        ({"sys/process/faults": 300.0, "sys/mem_used": 63e9, "sys/mem_total": 64e9}, "swapping"),
        ({"sys/process/faults": 300.0, "sys/swap_used": 1e6}, "disk"),
        ({"sys/process/faults": 3.0, "sys/swap_used": 4e9}, "idle"),
    ],
)
def test_pages_come_from_swap_where_memory_is_short_and_else_from_files(
    readings: Record, doing: str
) -> None:
    own = {"sys/process/cores": 0.0, "sys/process/disk_wait": 0.0}
    assert _doing(own | readings, own | readings) == doing


def test_a_single_look_that_met_a_wait_for_the_disk_is_none() -> None:
    lane = Lane()
    waits = [
        {"sys/process/disk_wait": float(look == 15), "sys/process/cores": 0.0} for look in range(20)
    ]
    lane.append(batch_of(list[Record](waits)))
    found = standstill(lane, list(waits[0]), 10, 20)
    assert found is not None
    assert found.doing.value == "idle"


def test_nothing_is_said_where_nothing_is_told() -> None:
    assert _of({"sys/cpu": 0.5}, {"sys/cpu": 0.5}) is None
