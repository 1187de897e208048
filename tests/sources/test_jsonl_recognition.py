import pytest

from trainmon.sources import choose


@pytest.mark.parametrize(
    "head",
    [
        b'{"step": "1", "loss": "2.5"}\n',
        b'{"train/loss": 1}\n{"train/loss": NaN}\n',
        b'{"step": "NaN", "loss": "NaN"}\n',
        b'{"loss": 1e999}\n',
    ],
)
def test_strings_that_spell_numbers_make_a_log(head: bytes) -> None:
    source = choose(head)
    assert source is not None
    assert source.id == "jsonl"


def test_objects_without_numbers_are_no_log() -> None:
    assert choose(b'{"name": "resnet", "author": "someone"}\n' * 3) is None
