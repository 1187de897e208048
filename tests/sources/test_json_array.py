import json

import pytest

from trainmon.source import Head
from trainmon.sources.json_array import JsonArraySource

RECORDS = [{"epoch": epoch, "train": {"loss": 1 / epoch}} for epoch in (1, 2, 3)]
ARRAY = json.dumps(RECORDS, indent=1).encode()
IN_A_ROW = "\n".join(json.dumps(record, indent=1) for record in RECORDS).encode()


@pytest.mark.parametrize("document", [ARRAY, IN_A_ROW, ARRAY[:-1]])
def test_records_are_recognised(document: bytes) -> None:
    assert JsonArraySource.recognises(Head(document))


@pytest.mark.parametrize(
    "document",
    [
        json.dumps(RECORDS[0], indent=1).encode(),
        b'[{"id": 1, "text": "a", "label": "b"}]',
        b"[1, 2, 3]",
        b"[]",
        b"[loss] 0.5\n",
    ],
)
def test_other_documents_are_not(document: bytes) -> None:
    assert not JsonArraySource.recognises(Head(document))


@pytest.mark.parametrize(
    "document", [ARRAY, IN_A_ROW, ARRAY[:-1], IN_A_ROW.replace(b"1.0", b"NaN")]
)
def test_each_object_is_a_record(document: bytes) -> None:
    (part,) = JsonArraySource().read(document)
    assert part.batch.epochs.tolist() == [1, 2, 3]
    assert part.batch.samples["train/loss"].rows.tolist() == [0, 1, 2]


def test_half_an_object_waits() -> None:
    source = JsonArraySource()
    assert not source.read(IN_A_ROW[:-5])
    (part,) = source.read(IN_A_ROW)
    assert part.batch.n_rows == 3


def test_appended_objects_are_handed_on_alone() -> None:
    source = JsonArraySource()
    source.read(IN_A_ROW)
    (part,) = source.read(IN_A_ROW + b'\n{\n "epoch": 4\n}\n')
    assert part.batch.epochs.tolist() == [4]
