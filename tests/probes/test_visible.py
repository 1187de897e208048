import pytest

from trainmon.probes.visible import Card, visible

PLAIN = (Card("gpu0", "GPU-1fa0"), Card("gpu1", "GPU-1fb0"), Card("gpu2", "GPU-2c00"))
PARTITIONED = (
    Card("gpu0", "GPU-1fa0", (Card("gpu0/mig0", "MIG-aa"), Card("gpu0/mig1", "MIG-ab"))),
    Card("gpu1", "GPU-1fb0"),
)
OLD = (Card("gpu0", "GPU-1f", (Card("gpu0/mig0", "MIG-GPU-1f/3/0"),)),)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, "gpu0 gpu1 gpu2"),
        ("", ""),
        ("-1", ""),
        ("NoDevFiles", ""),
        ("2", "gpu2"),
        ("2,0", "gpu2 gpu0"),
        (" 1 , 2 ", "gpu1 gpu2"),
        ("0,-1,1", "gpu0"),
        ("0,9,1", "gpu0"),
        ("1,1", ""),
        ("GPU-2c00,GPU-1fa0", "gpu2 gpu0"),
        ("GPU-2", "gpu2"),
        ("GPU-1f", ""),
        ("GPU-9", ""),
    ],
)
def test_numbers_and_identifiers_name_cards_in_their_order(value: str | None, seen: str) -> None:
    assert visible(PLAIN, value) == tuple(seen.split())


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, "gpu0/mig0"),
        ("0", "gpu0/mig0"),
        ("1", "gpu1"),
        ("MIG-ab", "gpu0/mig1"),
        ("MIG-ab,MIG-aa", "gpu0/mig1"),
        ("MIG-a", ""),
    ],
)
def test_of_a_partitioned_card_a_process_sees_one_instance(value: str | None, seen: str) -> None:
    assert visible(PARTITIONED, value) == tuple(seen.split())


def test_the_older_names_of_instances_are_known() -> None:
    assert visible(OLD, "MIG-GPU-1f/3/0") == ("gpu0/mig0",)
    assert visible(OLD, "MIG-GPU-1f/4/0") == ()


def test_without_cards_nothing_is_seen() -> None:
    assert visible((), None) == visible((), "0") == ()
