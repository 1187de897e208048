from pathlib import Path

from trainmon.source import Head
from trainmon.sources.dvclive import DvcliveSource

LOSS = Path("dvclive/plots/metrics/train/loss.tsv")


def test_a_metric_is_named_by_its_path() -> None:
    (part,) = DvcliveSource(LOSS).read(b"step\tloss\n0\t1.0\n1\t0.5\n")
    assert part.batch.steps.tolist() == [0, 1]
    assert part.batch.samples["train/loss"].values.tolist() == [1.0, 0.5]


def test_elsewhere_a_metric_is_named_by_its_column() -> None:
    (part,) = DvcliveSource().read(b"step\tloss\n0\t1.0\n")
    assert set(part.batch.samples) == {"loss"}


def test_times_are_told_in_milliseconds() -> None:
    (part,) = DvcliveSource(LOSS).read(b"timestamp\tstep\tloss\n1700000000500\t0\t1.0\n")
    assert part.batch.times.tolist() == [1_700_000_000.5]


def test_all_metrics_belong_to_the_folder_with_the_parameters() -> None:
    home = DvcliveSource.home(LOSS)
    assert (home.run, home.gathered) == (Path("dvclive"), True)
    assert DvcliveSource(LOSS).companions() == [Path("dvclive/params.yaml")]
    assert DvcliveSource.home(Path("loss.tsv")).run == Path("loss.tsv")


def test_a_table_of_more_metrics_is_not_claimed() -> None:
    assert DvcliveSource.recognises(Head(b"step\tloss\n0\t1\n"))
    assert not DvcliveSource.recognises(Head(b"step\tloss\tlr\n0\t1\t2\n"))
    assert not DvcliveSource.recognises(Head(b"step,loss\n0,1\n"))
