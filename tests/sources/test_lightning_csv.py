from pathlib import Path

import numpy as np

from tests.sources.flat import rows_of
from trainmon.source import Head, Part
from trainmon.sources.lightning import LightningSource


def _parts(text: str) -> list[Part]:
    return list(LightningSource().read(text.encode()))


def _steps(text: str) -> list[float]:
    return [step for part in _parts(text) for step in part.batch.steps.tolist()]


def test_columns_are_found_in_any_order_and_gaps_leave_no_sample() -> None:
    (part,) = _parts("val_loss,train_loss,epoch,step\r\n,0.5,0,49\r\n0.7,,0,57\r\n")
    assert part.batch.steps.tolist() == [49, 57]
    assert part.batch.epochs.tolist() == [0, 0]
    assert part.batch.samples["train_loss"].rows.tolist() == [0]
    assert part.batch.samples["val_loss"].rows.tolist() == [1]


def test_twins_of_a_step_and_an_epoch_stay_apart() -> None:
    (part,) = _parts("epoch,step,acc_epoch,acc_step\n0,9,,0.4\n0,9,0.3,\n")
    assert set(part.batch.samples) == {"acc_epoch", "acc_step"}


def test_single_validation_batches_stand_at_the_last_step_of_training() -> None:
    text = "epoch,step,train_loss,val_loss_step\n0,49,1,\n,0,,3\n,1,,2\n,70,,2\n0,99,1,\n,0,,2\n"
    assert _steps(text) == [49, 49, 49, 49, 99, 99]


def test_the_rate_has_no_epoch_and_stands_at_its_own_step() -> None:
    assert _steps("epoch,lr-SGD,step,train_loss\n0,,49,1\n,0.1,50,\n0,,99,1\n") == [49, 50, 99]


def test_a_step_without_an_epoch_that_falls_behind_counts_something_else() -> None:
    assert _steps("epoch,step,my_metric,train_loss\n0,49,,1\n,3,2,\n0,99,,1\n") == [49, 49, 99]


def test_a_loss_that_is_spelled_nan_is_a_value() -> None:
    (part,) = _parts("epoch,step,train_loss\n0,49,nan\n")
    assert np.isnan(part.batch.samples["train_loss"].values).tolist() == [True]


def test_a_version_is_the_run_of_its_metrics() -> None:
    folder = Path("lightning_logs/version_3")
    assert LightningSource.home(folder / "metrics.csv").run == folder
    assert LightningSource.home(folder / "saved.csv").run == folder / "saved.csv"


def test_hyperparameters_stand_beside_the_metrics() -> None:
    source = LightningSource(Path("version_3/metrics.csv"))
    assert source.companions() == [Path("version_3/hparams.yaml")]


def test_a_dense_table_of_other_loops_is_not_claimed() -> None:
    assert not LightningSource.recognises(Head(b"step,epoch,loss\n0,0,0.5\n1,0,0.4\n"))
    assert not LightningSource.recognises(Head(b"step,epoch,loss\r\n0,0,0.5\r\n"))
    assert LightningSource.recognises(Head(b"loss,epoch,step\r\n0.5,0,0\r\n"))


def test_a_table_with_the_time_of_a_clock_or_parts_of_epochs_is_of_another_loop() -> None:
    assert not LightningSource.recognises(Head(b"epoch,loss,step,time\n0,0.5,0,1780008450.6\n"))
    assert LightningSource.recognises(Head(b"epoch,loss,step,time\n0,0.5,0,0.25\n"))
    assert not LightningSource.recognises(Head(b"epoch,loss,step\n0.015,0.5,0\n"))


def test_a_row_with_a_cell_too_few_is_counted() -> None:
    parts = _parts("epoch,step,train_loss\n0,49,1\n0,99\n0,149,1\n")
    assert len(rows_of(parts)) == 2
    assert parts[0].skipped == {"rows with fewer cells than the header": 1}
