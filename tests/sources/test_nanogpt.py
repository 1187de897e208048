import pytest

from tests.sources.console_log import read_console, values_of

LOG = """\
step 0: train loss 10.9800, val loss 10.9900
iter 0: loss 10.9700, time 1234.56ms, mfu -100.00%
iter 10: loss nan, time 123.45ms, mfu 12.30%
"""


def test_iterations_and_evaluations_have_losses_of_their_own() -> None:
    rows, source = read_console(LOG)
    assert source.id == "nanogpt"
    assert values_of(rows, "val/loss") == [10.99]
    assert values_of(rows, "train_eval/loss") == [10.98]
    assert str(values_of(rows, "train/loss")) == "[10.97, nan]"


def test_a_negative_utilisation_says_that_none_is_known() -> None:
    rows, _ = read_console(LOG)
    assert values_of(rows, "mfu") == pytest.approx([0.123])


def test_lines_of_several_ranks_count_once() -> None:
    twice = "".join(f"[rank{rank}]: {line}\n" for line in LOG.splitlines() for rank in (1, 0))
    rows, source = read_console(twice)
    assert len(rows) == 3
    assert source.remarks() == ("3 lines that another rank tells as well",)
