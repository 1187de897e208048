import warnings
from pathlib import Path

from tests.sources.console_log import read_console, settings_told, steps_of, values_of

EXAMPLE = (Path(__file__).parent / "examples/huggingface-printed/trainer.log").read_text("utf-8")
PLAIN = "{{'loss': {}, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': {}}}\n"


def test_the_bar_behind_a_dictionary_tells_its_step() -> None:
    rows, source = read_console(EXAMPLE)
    assert source.id == "huggingface-printed"
    assert steps_of(rows) == [10, 20, 30, 40, 40, 40]
    assert values_of(rows, "eval_loss") == [1.2034]


def test_without_bars_the_epoch_tells_the_place() -> None:
    rows, _ = read_console(PLAIN.format(2.5, 0.1) + PLAIN.format(2.4, 0.2))
    assert [row["place"] for row in rows] == [("nan", "0.1", "nan"), ("nan", "0.2", "nan")]


def test_the_mean_of_the_run_is_no_point_of_the_curve() -> None:
    rows, _ = read_console(EXAMPLE)
    assert values_of(rows, "train_loss") == []
    assert values_of(rows, "train_runtime") == [41.2]


def test_nan_and_numbers_that_are_texts_are_read() -> None:
    rows, _ = read_console(PLAIN.format("nan", 0.1) + PLAIN.format("'2.4'", "'0.2'"))
    assert str(values_of(rows, "loss")) == "[nan, 2.4]"


def test_what_was_planned_is_told() -> None:
    told = settings_told(EXAMPLE)
    assert {"epochs": "2.0", "total_steps": "40.0"}.items() <= told.items()


def test_the_summary_ends_the_run() -> None:
    assert settings_told(EXAMPLE)["status"] == "finished"
    assert "status" not in settings_told(EXAMPLE.partition("{'train_runtime'")[0])


def test_a_dictionary_that_is_torn_is_no_record() -> None:
    rows, _ = read_console(
        PLAIN.format(2.5, 0.1) + "{'loss': 2.4, 'epoch'\n" + PLAIN.format(2.3, 0.3)
    )
    assert values_of(rows, "loss") == [2.5, 2.3]


def test_a_dictionary_of_source_code_is_no_record_and_warns_of_nothing() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        rows, _ = read_console(PLAIN.format(2.5, 0.1) + PLAIN.format("1if 1else 2", 0.2))
    assert values_of(rows, "loss") == [2.5]
    assert told == []
