import numpy as np
import pytest

from tests.sources.flat import skipped_of
from trainmon.source import Head, Part
from trainmon.sources import choose
from trainmon.sources.csv_table import CsvSource


def _read(text: str) -> list[Part]:
    return list(CsvSource().read(text.encode()))


@pytest.mark.parametrize(
    "header",
    ["step,x", "Epoch,x", "global_step,x", "index,loss", "lr,x", "time/total_timesteps,x"],
)
def test_a_table_with_a_position_or_a_metric_of_training_is_a_log(header: str) -> None:
    assert CsvSource.recognises(Head(f"{header}\n1,2\n".encode()))


@pytest.mark.parametrize(
    "header", ["age,income", "index,price", "x,y", "id,label", "id,score", "step,epoch"]
)
def test_a_table_of_data_is_no_log(header: str) -> None:
    assert not CsvSource.recognises(Head(f"{header}\n1,2\n".encode(), whole=True))


def test_a_header_alone_is_not_yet_a_log() -> None:
    assert not CsvSource.recognises(Head(b"step,loss\n"))


def test_steps_of_the_environment_come_before_those_of_the_policy() -> None:
    (part,) = _read("time/iterations,time/total_timesteps,train/loss\n1,2048,\n2,4096,0.5\n")
    assert part.batch.steps.tolist() == [2048, 4096]
    assert part.batch.samples["time/iterations"].values.tolist() == [1, 2]
    assert part.batch.samples["train/loss"].rows.tolist() == [1]


def test_names_of_positions_are_known_in_any_spelling() -> None:
    (part,) = _read("Epoch\tTotalEnvInteracts\tLossPi\n1\t4000\t0.5\n")
    assert (part.batch.steps.tolist(), part.batch.epochs.tolist()) == ([4000], [1])


def test_row_numbers_are_the_step_where_nothing_else_counts() -> None:
    assert _read(",loss\n0,2\n1,1\n")[0].batch.steps.tolist() == [0, 1]
    (part,) = _read("Unnamed: 0,epoch,loss\n0,5,2\n")
    assert np.isnan(part.batch.steps).all()
    assert set(part.batch.samples) == {"loss"}


def test_a_time_in_milliseconds_is_one_in_seconds_and_a_duration_is_a_metric() -> None:
    (part,) = _read("step,timestamp,time\n1,1700000000500,0.25\n")
    assert part.batch.times.tolist() == [1_700_000_000.5]
    assert part.batch.samples["time"].values.tolist() == [0.25]


def test_units_at_the_end_of_a_name_are_converted() -> None:
    (part,) = _read("step,iter_time_ms\n1,250\n")
    assert part.batch.samples["iter_time"].values.tolist() == [0.25]


def test_an_export_loses_the_name_of_its_run_and_twins_that_tell_nothing() -> None:
    (part,) = _read(
        '"Step","calm-river-7 - loss","calm-river-7 - loss__MIN","calm-river-7 - loss__MAX"\n'
        '"0","1","1","1"\n"5","2","2","3"\n'
    )
    assert {name: each.values.tolist() for name, each in part.batch.samples.items()} == {
        "loss": [1, 2],
        "loss__MAX": [3],
    }


def test_an_export_of_several_runs_keeps_their_names_and_tells_so() -> None:
    source = CsvSource()
    (part,) = source.read(b'"Step","a - loss","b - loss"\n"0","1","2"\n')
    assert set(part.batch.samples) == {"a/loss", "b/loss"}
    assert source.remarks() == ["an export of 2 runs, read as one"]


def test_a_run_appended_with_other_columns_is_another_run() -> None:
    parts = _read("step,loss\n0,3\n10,2\n20,1\nstep,loss,lr\n0,3,0.1\n10,2,0.1\n")
    assert [part.begins_run for part in parts] == [False, True]
    assert "lr" in parts[1].batch.samples


def test_a_resume_with_a_header_of_its_own_stays_in_its_run() -> None:
    parts = _read("step,loss\n0,3\n10,2\n20,1\n30,1\nstep,loss\n20,1\n30,1\n")
    assert not any(part.begins_run for part in parts)


def test_what_cannot_be_read_before_the_first_row_is_told() -> None:
    assert skipped_of(_read("1,2\nstep,loss\n")) == {"lines ahead of the header": 1}


def test_a_table_of_an_own_loop_written_by_the_csv_module_tells_its_clock() -> None:
    text = b"step,epoch,time,loss,data_time,step_time\r\n1,0.5,1780008450.6,0.5,0.1,0.3\r\n"
    assert choose(Head(text)) is CsvSource
    (part,) = _read(text.decode())
    assert part.batch.times.tolist() == [1_780_008_450.6]
    assert "time" not in part.batch.samples
