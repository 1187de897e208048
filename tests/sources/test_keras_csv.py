import pytest

from trainmon.source import Head
from trainmon.sources.keras_csv import KerasCsvSource


def _epochs(text: str) -> list[list[float]]:
    """Return the epochs of each part."""
    return [part.batch.epochs.tolist() for part in KerasCsvSource().read(text.encode())]


def test_epochs_count_from_0_as_written() -> None:
    assert _epochs("epoch,loss,val_loss\r\n0,2,3\r\n1,1,2\r\n") == [[0, 1]]


def test_without_a_column_of_epochs_the_rows_are_counted_on_over_reads() -> None:
    source = KerasCsvSource()
    reads = [source.read(text) for text in (b"loss,val_loss\n2,3\n1,2\n", b"0.5,1\n")]
    assert [part.batch.epochs.tolist() for parts in reads for part in parts] == [[0, 1], [2]]


def test_doubled_carriage_returns_do_not_double_the_rows() -> None:
    assert _epochs("epoch,loss,val_loss\r\r\n0,2,3\r\r\n1,1,2\r\r\n") == [[0, 1]]


def test_a_training_appended_from_its_start_is_another_run() -> None:
    parts = KerasCsvSource().read(b"epoch,loss,val_loss\n0,2,3\n1,1,2\n0,2,3\n1,1,2\n")
    assert [part.begins_run for part in parts] == [False, True]


def test_a_header_once_more_begins_another_run_where_rows_are_counted() -> None:
    parts = KerasCsvSource().read(b"loss,val_loss\n2,3\n1,2\nloss,val_loss\n2,3\n")
    assert [(part.begins_run, part.batch.epochs.tolist()) for part in parts] == [
        (False, [0, 1]),
        (True, [0]),
    ]


def test_a_training_that_was_resumed_goes_on() -> None:
    assert _epochs("epoch,loss,val_loss\n0,2,3\n1,1,2\n2,1,2\n") == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("header", "claimed"),
    [
        ("val_loss,val_acc,loss,acc", True),
        ("epoch,acc,learning_rate,loss,val_acc,val_loss", True),
        ("epoch,accuracy,loss", True),
        ("epoch,train_loss,val_loss", False),
        ("epoch,loss,acc", False),
        ("step,epoch,loss", False),
        ("loss,acc", False),
    ],
)
def test_only_names_that_keras_gives_are_claimed(header: str, *, claimed: bool) -> None:
    row = ",".join("1" for _ in header.split(","))
    assert KerasCsvSource.recognises(Head(f"{header}\n{row}\n".encode())) is claimed
