from pathlib import Path

import pytest

from tests.sources.console_log import read_console, settings_told, steps_of, values_of
from trainmon.source import Head
from trainmon.sources.key_value import KeyValueSource

EXAMPLES = Path(__file__).parent / "examples/key-value"


def _example(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


def _claims(text: str) -> bool:
    return KeyValueSource.recognises(Head(text.encode(), whole=True))


@pytest.mark.parametrize(
    "text",
    [
        "lr: 0.001\nbatch_size: 32\nport: 8080\nloss: ce\nepochs: 10\n",
        "2031-05-06 07:08:09 GET /x status=200 time=12ms bytes=4096\n" * 20,
        "".join(f"- name: run{n}\n  lr: 0.{n}\n  acc: 0.9\n" for n in range(5)),
        "we saw 12 birds on day 3, and 7 on day 4\n" * 20,
        "drwxr-xr-x 2 root root 4096 Nov 21 03:19 logs\n" * 20,
        '{\n  "loss": 0.5,\n  "epoch": 1\n},\n' * 20,
        "a,b,c\n1,2,3\n4,5,6\n7,8,9\n",
        "step 1 loss 0.5\nstep 2 loss 0.4\n",
    ],
)
def test_other_texts_are_not_claimed(text: str) -> None:
    assert not _claims(text)


def test_a_bar_is_recognised_before_its_first_newline() -> None:
    text = "".join(f"\r{n:3d}%|#| {n}/100 [00:01<00:02, 9.1it/s, loss=0.{n}]" for n in range(9))
    assert KeyValueSource.recognises(Head(text.encode()))


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("step 10 loss 2.5 lr 1e-4", {"loss": 2.5, "lr": 1e-4}),
        ("[step=10] loss=2.5, grad norm=nan", {"loss": 2.5, "grad_norm": float("nan")}),
        ("iter: 10 | Loss: 1,234.5 | Acc@1: 45%", {"Loss": 1234.5, "Acc@1": 45.0}),
        ("step 10 | loss: 2.5 | mem: 2.0KiB | iter time (ms): 250", {"mem": 2048.0}),
        ("step 10: loss 2.5 (2.75), data_time 20ms", {"loss": 2.5, "data_time": 0.02}),
        ("10: loss=2.5 acc=0.5", {"loss": 2.5, "acc": 0.5}),
    ],
)
def test_lines_of_many_grammars_are_read(line: str, values: dict[str, float]) -> None:
    rows, source = read_console("".join(line.replace("10", f"1{n}", 1) + "\n" for n in range(4)))
    assert source.id == "key-value"
    assert steps_of(rows) == [10, 11, 12, 13]
    assert {name: str(value) for name, value in values.items()}.items() <= rows[0].items()


def test_a_step_of_a_total_tells_the_planned_length() -> None:
    assert settings_told(_example("logger.log")) == {"total_steps": "1000.0"}


def test_a_step_of_a_total_behind_an_epoch_is_counted_within_it() -> None:
    text = "".join(
        f"Epoch [{epoch}/3], Step [{step}/20], Loss: {3 - epoch}.5\n"
        for epoch in (1, 2)
        for step in (10, 20)
    )
    assert settings_told(text) == {"epochs": "3.0"}
    assert steps_of(read_console(text)[0]) == [10, 20, 30, 40]


def test_progress_of_keras_is_read_with_the_epoch_ahead_of_it() -> None:
    rows, _ = read_console(_example("keras.log"))
    assert steps_of(rows) == list(range(1, 16))
    assert values_of(rows, "step_time")[0] == 0.005
    assert values_of(rows, "val_loss") == [1.8, 1.5, 1.2]


def test_equal_states_of_a_bar_are_one_record() -> None:
    rows, _ = read_console(_example("bars.log"))
    assert steps_of(rows) == [24.0 * n for n in range(1, 11)]


def test_bars_that_start_again_are_epochs_and_that_is_told() -> None:
    bars = "".join(
        f"\r{n * 10}%|##| {n}/10 [00:01<00:02, loss=0.{99 - n}]" + "\n" * (n == 10)
        for _ in range(2)
        for n in range(1, 11)
    )
    rows, source = read_console(bars)
    assert steps_of(rows) == list(range(1, 21))
    assert "each bar that starts again is taken for an epoch" in source.remarks()


def test_a_step_and_the_lines_below_it_are_one_record() -> None:
    rows, _ = read_console(_example("olmo.log"))
    assert steps_of(rows) == list(range(1, 9))
    assert values_of(rows, "train/Perplexity")[:2] == [1199, 1198]


def test_train_and_validation_lines_are_told_apart() -> None:
    rows, _ = read_console(_example("tutorial.log"))
    assert [row["place"][1] for row in rows] == ["0.0", "1.0", "2.0", "3.0", "4.0"]
    assert values_of(rows, "train_Loss")[0] == 0.9
    assert values_of(rows, "val/Acc")[-1] == 0.44


def test_an_evaluation_in_batches_is_one_record_with_its_averages_and_result() -> None:
    rows, _ = read_console(_example("imagenet.log"))
    assert steps_of(rows) == [0, 10, 20, 20, 1001, 1011, 1021, 1021]
    assert values_of(rows, "val/Loss") == [5.01, 5.11]
    assert values_of(rows, "val/Acc@1") == [10.2, 11.2]


def test_the_time_of_an_iteration_is_known_by_the_wait_beside_it() -> None:
    rows, _ = read_console(_example("timm.log"))
    assert steps_of(rows) == [0, 50, 1250, 1251, 1301, 2501, 2501]
    assert values_of(rows, "step_time") == [0.5] * 6
    assert values_of(rows, "samples_per_second") == [2048.0] * 6


def test_ranks_that_print_the_same_count_once() -> None:
    rows, source = read_console(_example("torchtitan.log"))
    assert steps_of(rows) == list(range(1, 9))
    assert "8 lines that another rank tells as well" in source.remarks()


def test_a_printed_configuration_is_no_record() -> None:
    rows, source = read_console(_example("logger.log"))
    assert values_of(rows, "lr") == [3e-4] * 8
    assert "kinds of lines that came once and have no position: 1" in source.remarks()


def test_lines_without_any_position_count_from_their_second_coming() -> None:
    text = "seed 7, best acc: 0.9\n" + "".join(f"loss: 0.{n} acc: 0.5\n" for n in range(4))
    rows, _ = read_console(text)
    assert values_of(rows, "loss") == [0, 0.1, 0.2, 0.3]


def test_a_split_does_not_reach_the_time_behind_it() -> None:
    text = "".join(f"epoch {n}: train loss 1.5, val loss 2.5, time 12.5s\n" for n in range(4))
    rows, _ = read_console(text)
    assert set(rows[0]) == {"run", "place", "train_loss", "val_loss", "time"}


def test_how_the_file_was_understood_is_told() -> None:
    _, source = read_console("step 1 loss 2 loss 3\nstep 2 loss 2 loss 4\nstep 3 loss 1 loss 4\n")
    told = source.remarks()
    assert "the position is read from 'step'" in told
    assert "metrics: loss" in told
    assert "named twice in a line, of which the first counts: loss" in told


def test_bars_of_which_the_epoch_is_told_when_they_are_over_are_counted_through() -> None:
    text = "".join(
        "".join(
            f"\r{n * 10}%|##| {n}/10 [00:01<00:02, loss=0.{9 - epoch}{n}]" for n in range(1, 11)
        )
        + f"\nepoch {epoch} done | val loss 1.{epoch}\n"
        for epoch in range(3)
    )
    rows, _ = read_console(text)
    assert [row["run"] for row in rows] == [0] * 33
    assert steps_of(rows)[-11:] == [*range(21, 31), 30]
    assert [row["place"][1] for row in rows if "val_loss" in row] == ["0.0", "1.0", "2.0"]


def test_bars_of_something_else_ahead_of_the_training_do_not_count() -> None:
    other = "".join(f"\rMap: {n}%|#| {n}/100 [00:01<00:02, 9.1it/s]" for n in range(1, 101))
    bars = (f"\rEpoch {e}: {n}%|#| {n}/4 [00:01, loss=0.{e}{n}]" for e in (0, 1) for n in range(5))
    rows, _ = read_console(f"{other}\n{''.join(bars)}\n")
    assert steps_of(rows) == [0, 1, 2, 3, 4, 4, 5, 6, 7, 8]


def test_epochs_of_a_training_set_are_epochs_and_correct_answers_a_share() -> None:
    text = "".join(
        f"Train Epoch: {epoch} [{seen}/200 (50%)]\tLoss: 0.{9 - epoch}\n"
        + "\nTest set: Average loss: 0.5, Accuracy: 15/20 (75%)\n" * (seen == 100)
        for epoch in (1, 2)
        for seen in (0, 100)
    )
    rows, _ = read_console(text)
    assert [row["run"] for row in rows] == [0] * 6
    assert steps_of(rows) == [0, 100, 100, 200, 300, 300]
    assert values_of(rows, "val/Accuracy") == [0.75, 0.75]


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("[{epoch}, 200] loss: 1.5\n[{epoch}, 400] loss: 1.4\n", [200, 400, 600, 800, 1000, 1200]),
        ("[{epoch}]\ttrain-rmse:0.5\teval-rmse:0.6\n", [1, 2, 3]),
    ],
)
def test_numbers_in_brackets_ahead_of_metrics_are_their_place(
    line: str, places: list[float]
) -> None:
    rows, source = read_console("".join(line.format(epoch=epoch) for epoch in (1, 2, 3)))
    assert steps_of(rows) == places
    assert "the position is read from the numbers in brackets" in source.remarks()


def test_a_heading_makes_the_lines_below_it_an_evaluation() -> None:
    text = "".join(
        f"Epoch {epoch}\n----\nloss: 0.9  [ 64/128]\nloss: 0.8  [128/128]\n"
        f"Test Error: \n Accuracy: 64.5%, Avg loss: 1.1 \n\n"
        for epoch in (1, 2, 3)
    )
    rows, _ = read_console(text)
    assert values_of(rows, "loss") == [0.9, 0.8] * 3
    assert values_of(rows, "val/Avg_loss") == [1.1] * 3
    assert values_of(rows, "val/Accuracy") == [64.5] * 3


def test_a_heading_ends_where_a_name_comes_again() -> None:
    text = "Loading test data:\n" + "".join(f"loss: 0.{n} acc: 0.5\n" for n in range(4))
    rows, _ = read_console(text)
    assert values_of(rows, "loss") == [0.1, 0.2, 0.3]


def test_a_utilisation_in_percent_is_a_share() -> None:
    rows, _ = read_console("".join(f"step: {n} loss: 2.5 mfu: 41.0%\n" for n in range(4)))
    assert values_of(rows, "mfu") == pytest.approx([0.41] * 4)


def test_an_epoch_told_in_a_bar_counts_whatever_bar_was_over_before() -> None:
    sanity = "".join(f"\rSanity Checking: {n}%|#| {n}/2 [00:01<00:02, 9.1it/s]" for n in (1, 2))
    bars = (f"\rEpoch {e}: {n}%|#| {n}/4 [00:01, loss=0.{e}{n}]" for e in (0, 1) for n in (2, 4))
    rows, _ = read_console(f"{sanity}{''.join(bars)}`Trainer.fit` stopped: `max_epochs=2` reached.")
    assert steps_of(rows) == [2, 4, 6, 8]
    assert [row["place"][1] for row in rows] == ["0.0", "0.0", "1.0", "1.0"]
    assert set(rows[-1]) == {"run", "place", "loss"}


def test_a_time_beside_that_of_a_step_is_another_one() -> None:
    line = "step {0}: loss=2.{0} time=1780008450.{0} step_time=0.3{0} data_time=0.01\n"
    rows, _ = read_console("".join(map(line.format, range(1, 5))))
    assert values_of(rows, "step_time") == [0.31, 0.32, 0.33, 0.34]
    assert values_of(rows, "time")[0] == 1780008450.1
