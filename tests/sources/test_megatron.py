from tests.sources.console_log import read_console, settings_told, steps_of, values_of

LINE = (
    " iteration {0:8d}/     900 | consumed samples: {0:12d}"
    " | elapsed time per iteration (ms): 512.5"
    " | learning rate: 1.000E-05 | lm loss: {1:.6E} | loss scale: 4096.0 | grad norm: 2.500"
    " | number of skipped iterations:   0 | number of nan iterations:   0 |\n"
)
WRAPPED = """\
> iteration 40/ 900 | elapsed time per iteration (ms): 514.0 | learning
> rate: 4.000E-06 | lm loss:
> 1.204000E+01 | grad norm: 91.100 | number of skipped iterations: 1 |
"""


def test_fields_between_bars_are_read_by_name() -> None:
    rows, source = read_console(LINE.format(10, 6.4) + LINE.format(20, 6.3))
    assert source.id == "megatron"
    assert steps_of(rows) == [10, 20]
    assert values_of(rows, "train/loss") == [6.4, 6.3]
    assert values_of(rows, "step_time") == [0.5125, 0.5125]
    assert values_of(rows, "nan_iterations") == [0, 0]


def test_the_planned_length_is_told() -> None:
    assert settings_told(LINE.format(10, 6.4)) == {"total_steps": "900.0"}


def test_a_validation_stands_at_its_own_iteration() -> None:
    validated = (
        " validation loss at iteration 10 | lm loss value: 7.17E+00 | lm loss PPL: 1.3E+03 |\n"
    )
    rows, _ = read_console(LINE.format(10, 6.4) + validated)
    assert steps_of(rows) == [10, 10]
    assert values_of(rows, "val/loss") == [7.17]


def test_lines_quoted_in_prose_are_found() -> None:
    notes = (
        f"# Notes\n\nAt iteration 20 the loss jumped to 14:\n\n```\n{LINE.format(20, 14.0)}```\n"
    )
    rows, _ = read_console(notes)
    assert values_of(rows, "train/loss") == [14]


def test_a_line_that_was_wrapped_is_joined() -> None:
    rows, _ = read_console(WRAPPED.replace("> ", ""))
    assert values_of(rows, "train/loss") == [12.04]
    assert values_of(rows, "grad_norm") == [91.1]


def test_other_losses_are_parts_of_the_loss() -> None:
    line = LINE.format(10, 6.4).replace(
        "| loss scale", "| load_balancing_loss: 1.5E-02 | loss scale"
    )
    rows, _ = read_console(line)
    assert values_of(rows, "train/loss/load_balancing") == [0.015]
