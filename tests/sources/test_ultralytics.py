from pathlib import Path

import numpy as np

from tests.sources.flat import rows_of, skipped_of
from trainmon.source import Head
from trainmon.sources.ultralytics import UltralyticsSource

HEADER = "   epoch,  time,  train/box_loss,  metrics/mAP50(B),  val/box_loss,  lr/pg0\n"
FIRST = "       1,   9.5,             2.5,               0.1,           inf,    0.07\n"
SECOND = "      2,  19.5,             2.1,               0.2,           2.4,    0.05\n"


def test_epochs_stand_as_written_and_steps_are_not_known() -> None:
    (part,) = UltralyticsSource().read((HEADER + FIRST + SECOND).encode())
    assert part.batch.epochs.tolist() == [1, 2]
    assert np.isnan(part.batch.steps).all()
    assert part.batch.samples["val/box_loss"].values.tolist() == [np.inf, 2.4]


def test_time_is_counted_from_the_start_of_the_training() -> None:
    (part,) = UltralyticsSource().read((HEADER + FIRST).encode())
    assert np.isnan(part.batch.times).all()
    assert part.batch.samples["elapsed_time"].values.tolist() == [9.5]


def test_a_last_row_of_other_values_is_dropped_and_told() -> None:
    parts = UltralyticsSource().read((HEADER + FIRST + SECOND + "3, 0.9, 0.8\n").encode())
    assert len(rows_of(parts)) == 2
    assert skipped_of(parts) == {"rows with fewer cells than the header": 1}


def test_a_training_begun_again_in_the_same_file_is_another_run() -> None:
    source = UltralyticsSource()
    assert [part.begins_run for part in source.read((HEADER + FIRST + SECOND).encode())] == [False]
    assert [part.begins_run for part in source.read((FIRST + SECOND).encode())] == [True]


def test_a_training_that_was_resumed_goes_on() -> None:
    source = UltralyticsSource()
    source.read((HEADER + FIRST + SECOND).encode())
    assert [part.begins_run for part in source.read(SECOND.encode())] == [False]


def test_arguments_and_hyperparameters_stand_beside_the_results() -> None:
    source = UltralyticsSource(Path("train/results.csv"))
    assert {path.name for path in source.companions()} == {"args.yaml", "opt.yaml", "hyp.yaml"}


def test_a_table_without_scores_is_not_claimed() -> None:
    assert UltralyticsSource.recognises(Head((HEADER + FIRST).encode()))
    assert not UltralyticsSource.recognises(Head(b"epoch,lr/pg0,loss\n1,0.1,2\n"))
