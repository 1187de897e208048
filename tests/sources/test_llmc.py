import pytest

from tests.sources.console_log import read_console, settings_told, steps_of, values_of

CONSOLE = """\
step    1/60 | loss 10.912345 (+nanz)| norm 15.3000 (+nanz)| lr 0.00e+00 | 1234.50 ms | 45.1% bf16 MFU | 98765 tok/s
val loss 10.812345
step    2/60 | loss 10.712345 (+1.20z)| norm 12.1000 (-0.10z)| lr 8.57e-07 | 1200.00 ms | 45.2% bf16 MFU | 98766 tok/s
HellaSwag: 2451/10042 = 0.244075
"""  # noqa: E501 - lines as they are printed

MAIN = "s:0 tel:10.99\ns:0 trl:10.98 lr:0.000000 norm:14.10\ns:1 trl:10.90 lr:0.000001 norm:9.00\n"


def test_a_score_that_is_not_known_yet_is_no_metric() -> None:
    rows, _ = read_console(CONSOLE)
    assert values_of(rows, "train/loss") == [10.912345, 10.712345]
    assert values_of(rows, "grad_norm") == [15.3, 12.1]
    assert not any("z" in name for row in rows for name in row)


def test_durations_are_seconds_and_rates_have_names() -> None:
    rows, _ = read_console(CONSOLE)
    assert values_of(rows, "step_time") == [1.2345, 1.2]
    assert values_of(rows, "tokens_per_second") == [98765, 98766]
    assert values_of(rows, "mfu") == pytest.approx([0.451, 0.452])


def test_an_evaluation_without_a_step_stands_at_the_one_before() -> None:
    rows, _ = read_console(CONSOLE)
    assert steps_of(rows) == [1, 1, 2, 2]
    assert values_of(rows, "val/loss") == [10.812345]
    assert values_of(rows, "val/hellaswag/acc") == [0.244075]


def test_the_planned_steps_are_told() -> None:
    assert settings_told(CONSOLE) == {"total_steps": "60.0"}


def test_the_main_log_tells_train_and_validation() -> None:
    rows, _ = read_console(MAIN)
    assert values_of(rows, "train/loss") == [10.98, 10.9]
    assert values_of(rows, "val/loss") == [10.99]


def test_a_learning_rate_too_small_for_its_digits_is_left_out_until_it_shows() -> None:
    rows, _ = read_console(MAIN)
    assert values_of(rows, "lr") == [1e-6]


def test_a_learning_rate_that_never_shows_is_told() -> None:
    rows, source = read_console(MAIN.replace("0.000001", "0.000000"))
    assert values_of(rows, "lr") == []
    assert "the learning rate is printed with so few digits that it reads 0" in source.remarks()


def test_another_run_in_the_same_file_is_told_its_plan_again() -> None:
    rows, source = read_console(CONSOLE + CONSOLE)
    assert source.id == "llmc"
    assert {row["run"] for row in rows} == {0, 1}
