"""Readings by the names that a log has for them."""

from math import nan

from trainmon.probes.as_logged import as_logged

READINGS = {
    "gpu0/util": 0.5,
    "gpu0/mem_used": 70e9,
    "gpu0/mem_total": 80e9,
    "gpu0/ecc_corrected": 3.0,
    "gpu0/throttle/display_clocks": 1.0,
    "gpu0/throttle/sw_thermal": 1.0,
    "gpu0/mig1/mem_used": 9e9,
    "gpu0/mig1/mem_total": 10e9,
    "gpu1/util": nan,
    "cpu": 0.25,
    "load": 3.0,
    "mem_total": 64e9,
    "run7/rss": 1e9,
    "run7/faults": 12.0,
    "run8/rss": 2e9,
}


def test_a_process_has_its_cards_itself_and_the_host() -> None:
    assert as_logged(READINGS, 7, ("gpu0", "gpu1")) == {
        "sys/gpu0/util": 0.5,
        "sys/gpu0/mem_used": 70e9,
        "sys/gpu0/mem_total": 80e9,
        "sys/gpu0/throttle/sw_thermal": 1.0,
        "sys/cpu": 0.25,
        "sys/mem_total": 64e9,
        "sys/rss": 1e9,
        "sys/process/faults": 12.0,
    }


def test_without_the_host_its_memory_is_told_as_a_limit() -> None:
    assert as_logged(READINGS, 8, (), host=False) == {"sys/mem_total": 64e9, "sys/rss": 2e9}


def test_the_memory_of_an_instance_of_a_partitioned_card_is_that_of_the_instance() -> None:
    told = as_logged(READINGS, 9, ("gpu0/mig1",), host=False)
    assert (told["sys/gpu0/mem_used"], told["sys/gpu0/mem_total"]) == (9e9, 10e9)
