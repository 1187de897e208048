from tests.sources.console_log import read_console, settings_told, steps_of, values_of

LOG = """\
import torch
print(f"step:{step}/{total} val_loss:{loss:.4f} step_avg:{time:.2f}ms")
learning_rate = 0.0036
====
step:0/1,750 is no record
step:0/10 val_loss:10.8258 train_time:0ms step_avg:nanms
step:1/10 train_loss:10.7000 train_time:246ms step_avg:246.46ms
step:2/10 train_loss:10.5000 train_time:490ms step_avg:245.00ms
"""


def test_the_script_ahead_of_the_log_is_no_record() -> None:
    rows, source = read_console(LOG)
    assert source.id == "modded-nanogpt"
    assert steps_of(rows) == [0, 1, 2]
    assert source.remarks() == ("5 lines without numbers of the training",)


def test_a_mean_over_no_steps_is_a_gap() -> None:
    rows, _ = read_console(LOG)
    assert values_of(rows, "step_time") == [0.24646, 0.245]


def test_the_time_since_the_start_is_in_seconds() -> None:
    rows, _ = read_console(LOG)
    assert values_of(rows, "train_time") == [0, 0.246, 0.49]


def test_the_total_is_the_planned_length() -> None:
    assert settings_told(LOG) == {"total_steps": "10.0"}
