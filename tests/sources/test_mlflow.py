from pathlib import Path

import numpy as np

from tests.sources.flat import skipped_of
from trainmon.source import Head
from trainmon.sources.mlflow import MlflowSource

RUN = Path(__file__).parent / "examples/mlflow/mlruns/1/0f3c"


def _steps(lines: bytes, *, size: int = 1) -> list[float]:
    source = MlflowSource(RUN / "metrics/loss")
    cut = lines.splitlines(keepends=True)
    reads = [b"".join(cut[at : at + size]) for at in range(0, len(cut), size)]
    return [s for read in reads for part in source.read(read) for s in part.batch.steps.tolist()]


def test_a_line_is_a_time_a_value_and_a_step() -> None:
    (part,) = MlflowSource(RUN / "metrics/val/acc").read(b"1700000000500 0.5 30\n")
    assert part.batch.times.tolist() == [1_700_000_000.5]
    assert part.batch.steps.tolist() == [30]
    assert part.batch.samples["val/acc"].values.tolist() == [0.5]


def test_the_name_of_a_data_set_behind_the_step_is_read_over() -> None:
    (part,) = MlflowSource().read(b"1700000000500 nan 3 cifar digest\n")
    assert np.isnan(part.batch.samples["value"].values).all()


def test_lines_are_counted_where_a_script_told_no_steps() -> None:
    lines = b"1700000000000 1 0\n" * 4
    assert _steps(lines, size=1) == _steps(lines, size=4) == [0, 1, 2, 3]


def test_steps_that_are_told_stand_as_written() -> None:
    assert _steps(b"1700000000000 1 0\n1700000000000 1 10\n1700000000000 1 20\n") == [0, 10, 20]


def test_what_is_no_such_line_is_counted() -> None:
    parts = MlflowSource().read(b"1700000000000 1 0\nhello\n1700000000000 x 1\n")
    assert skipped_of(parts) == {"lines that are no time, value and step": 2}


def test_all_metrics_of_a_run_belong_to_its_folder() -> None:
    home = MlflowSource.home(RUN / "metrics/train/loss")
    assert home.run == RUN
    assert home.gathered


def test_parameters_and_the_name_of_the_run_are_its_configuration() -> None:
    source = MlflowSource(RUN / "metrics/train/loss")
    files = [path for path in source.companions() if path.is_file()]
    told = [dict(source.settings(path, path.read_bytes())) for path in files]
    assert sorted(told, key=str) == [
        {"lr": "0.1"},
        {"opt/name": "adam"},
        {"run_name": "calm-heron-12"},
    ]


def test_tables_and_other_files_of_the_store_are_not_claimed() -> None:
    for data in (b"0.1\n", b"run_name: base\n", b"1,2,3\n", b"1 2 3\n", b"adam\n"):
        assert not MlflowSource.recognises(Head(data, whole=True))
