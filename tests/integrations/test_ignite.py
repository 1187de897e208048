import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Engine, Events
from ignite.handlers import global_step_from_engine

from tests.integrations.logged import Line, curve, events, lines_of, run_example
from trainmon.integrations.ignite import TrainmonLogger, setup_trainmon_logging


def trainer_of(update: Callable[[float], object] = float) -> Engine:
    """Return an engine that makes `update` of each number it is given."""
    return Engine(lambda _, number: update(number))


def evaluator_of(**metrics: object) -> Engine:
    evaluator = Engine(lambda _, number: number)
    evaluator.add_event_handler(Events.COMPLETED, lambda e: e.state.metrics.update(metrics))
    return evaluator


def logged(logger: TrainmonLogger) -> list[Line]:
    return lines_of(Path(logger.writer.folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "numbers"


def test_each_iteration_is_a_step_with_its_loss_and_its_times(folder: Path) -> None:
    trainer, ticks = trainer_of(), iter(range(1_000))
    logger = setup_trainmon_logging(folder, trainer, timer=ticks.__next__)
    trainer.run([4.0, 2.0], max_epochs=2)
    lines = logged(logger)
    assert curve(lines, "train/loss") == [(1, 4.0), (2, 2.0), (3, 4.0), (4, 2.0)]
    assert curve(lines, "data_time") == [(1, 1), (2, 1), (3, 1), (4, 1)]
    assert curve(lines, "step_time") == [(1, 2), (2, 2), (3, 2), (4, 2)]
    assert [line["epoch"] for line in lines if "train/loss" in line] == [0.5, 1, 1.5, 2]


def test_an_evaluation_stands_at_the_step_of_the_trainer(folder: Path) -> None:
    trainer, evaluator = trainer_of(), evaluator_of(accuracy=0.5)
    logger = setup_trainmon_logging(folder, trainer, evaluators=evaluator)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([1]))
    trainer.run([4.0, 2.0], max_epochs=2)
    evaluations = [line for line in logged(logger) if "val/accuracy" in line]
    assert [(line["step"], line["epoch"]) for line in evaluations] == [(2, 1), (4, 2)]


def test_scripts_attach_it_as_they_attach_the_loggers_of_ignite(folder: Path) -> None:
    trainer, evaluator = trainer_of(), evaluator_of(nll=0.25, parts=(1.0, {"cls": 2.0}))
    with TrainmonLogger(folder) as logger:
        logger.attach_output_handler(
            trainer,
            event_name=Events.ITERATION_COMPLETED(every=2),
            tag="training",
            output_transform=lambda output: {"loss": output},
            state_attributes=["epoch"],
        )
        logger.attach_output_handler(
            evaluator,
            event_name=Events.EPOCH_COMPLETED,
            tag="validation",
            metric_names="all",
            global_step_transform=global_step_from_engine(trainer),
        )
        evaluator.add_event_handler(
            Events.EPOCH_STARTED, lambda e: e.state.metrics.update(nll=0.25)
        )
        trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run([1]))
        trainer.run([4.0, 2.0])
    lines = logged(logger)
    assert curve(lines, "train/loss") == [(2, 2.0)]
    assert curve(lines, "train/epoch") == [(2, 1)]
    assert curve(lines, "val/nll") == [(2, 0.25)]


def test_nested_and_several_values_are_named_by_where_they_are(folder: Path) -> None:
    trainer = trainer_of(lambda n: {"parts": (n, {"cls": n}), "ones": torch.ones(2), "text": "t"})
    logger = TrainmonLogger(folder)
    logger.attach_output_handler(
        trainer, Events.ITERATION_COMPLETED, tag="train", output_transform=lambda output: output
    )
    trainer.run([4.0])
    (line,) = (line for line in logged(logger) if "train/parts/0" in line)
    assert (line["train/parts/1/cls"], line["train/ones/0"], line["train/ones/1"]) == (4.0, 1, 1)
    assert "train/text" not in line


def test_the_mean_of_a_training_epoch_does_not_mix_with_the_losses(folder: Path) -> None:
    trainer = trainer_of()
    logger = setup_trainmon_logging(folder, trainer)
    trainer.add_event_handler(Events.STARTED, lambda e: e.state.metrics.update(loss=3.0))
    trainer.run([4.0, 2.0])
    lines = logged(logger)
    assert curve(lines, "train/loss") == [(1, 4.0), (2, 2.0)]
    assert curve(lines, "train/loss_epoch") == [(2, 3.0)]


def test_the_learning_rate_is_the_one_that_the_step_was_taken_with(folder: Path) -> None:
    trainer = trainer_of()
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.8)
    logger = setup_trainmon_logging(folder, trainer, optimizer)

    @trainer.on(Events.ITERATION_COMPLETED)
    def decay() -> None:
        optimizer.param_groups[0]["lr"] /= 2

    trainer.run([4.0, 2.0])
    assert curve(logged(logger), "lr") == [(1, 0.8), (2, 0.4)]
    assert logger.writer.config["optimizer"] == "SGD"


def test_the_rates_of_several_optimizers_have_their_names(folder: Path) -> None:
    trainer = trainer_of()
    rates = {"critic": 0.1, "actor": 0.2}
    optimizers = {
        name: torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
        for name, rate in rates.items()
    }
    logger = setup_trainmon_logging(folder, trainer, optimizers)
    trainer.run([4.0])
    assert curve(logged(logger), "lr/critic") == [(1, 0.1)]
    assert curve(logged(logger), "lr/actor") == [(1, 0.2)]


def test_accumulated_batches_belong_to_one_step(folder: Path) -> None:
    trainer = trainer_of()
    logger = setup_trainmon_logging(folder, trainer, accum=2)
    trainer.run([4.0, 2.0, 1.0])
    lines = logged(logger)
    assert [step for step, _ in curve(lines, "train/loss")] == [1, 1, 2]
    assert [step for step, _ in curve(lines, "step_time")] == [1]


def fails_at_two(number: float) -> float:
    if number == 2.0:
        raise FloatingPointError("the batch is bad")
    return number


def test_an_exception_is_logged_once_and_goes_on(folder: Path) -> None:
    trainer = trainer_of(fails_at_two)
    logger = setup_trainmon_logging(folder, trainer)
    with pytest.raises(FloatingPointError), logger:
        trainer.run([4.0, 2.0])
    *_, last = lines = logged(logger)
    assert [event["type"] for event in events(lines, "exception")] == ["FloatingPointError"]
    assert "fails_at_two" in last["traceback"]


def test_an_exception_that_the_script_handles_is_left_to_it(folder: Path) -> None:
    trainer = trainer_of(fails_at_two)
    logger = setup_trainmon_logging(folder, trainer)
    seen: list[BaseException] = []
    trainer.add_event_handler(Events.EXCEPTION_RAISED, lambda _, error: seen.append(error))
    trainer.run([4.0, 2.0])
    assert seen
    assert len(events(logged(logger), "exception")) == 1


def test_a_run_is_finished_when_its_trainer_has_completed(folder: Path) -> None:
    trainer = trainer_of()
    logger = setup_trainmon_logging(folder, trainer)
    trainer.run([4.0])
    assert logged(logger)[-1]["event"] == "finish"
    logger.close()
    assert len(events(logged(logger), "finish")) == 1


def test_what_is_logged_after_the_trainer_is_followed_by_another_end(folder: Path) -> None:
    trainer, tester = trainer_of(), evaluator_of(accuracy=0.5)
    with setup_trainmon_logging(folder, trainer, evaluators={"test": tester}) as logger:
        trainer.run([4.0])
        tester.run([1])
    *_, test, last = logged(logger)
    assert (test["step"], test["test/accuracy"], last["event"]) == (1, 0.5, "finish")


def test_an_exception_after_the_trainer_is_logged_by_the_with_block(folder: Path) -> None:
    logger = setup_trainmon_logging(folder, trainer_of())
    with pytest.raises(KeyError), logger:
        raise KeyError("no such metric")
    assert [event["type"] for event in events(logged(logger), "exception")] == ["KeyError"]


def test_a_termination_is_told(folder: Path) -> None:
    trainer = trainer_of()
    logger = setup_trainmon_logging(folder, trainer)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=1), trainer.terminate)
    trainer.run([4.0, 2.0])
    (stop,) = events(logged(logger), "stop")
    assert (stop["step"], stop["why"]) == (1, "the trainer was terminated")


def test_a_loss_that_is_not_finite_can_stop_the_trainer(folder: Path) -> None:
    trainer = trainer_of()
    logger = setup_trainmon_logging(folder, trainer, on_nonfinite="stop")
    trainer.run([float("nan")] * 20)
    lines = logged(logger)
    assert curve(lines, "train/loss")[-1] == (10, "NaN")
    assert [event["why"] for event in events(lines, "stop")] == ["train/loss is not finite"]


def test_a_trainer_that_goes_on_from_a_state_is_a_resume(folder: Path) -> None:
    trainer = trainer_of()
    trainer.load_state_dict({"epoch_length": 2, "max_epochs": 2, "iteration": 2})
    logger = setup_trainmon_logging(folder, trainer)
    trainer.run([4.0, 2.0])
    lines = logged(logger)
    assert [event["step"] for event in events(lines, "resume")] == [2]
    assert [step for step, _ in curve(lines, "train/loss")] == [3, 4]


def test_the_configuration_is_what_trainer_and_loader_have(folder: Path) -> None:
    trainer = trainer_of(lambda _: 0.0)
    logger = setup_trainmon_logging(folder, trainer, config={"dataset": "numbers"})
    loader: Any = torch.utils.data.DataLoader([1.0] * 8, batch_size=4)  # type: ignore[arg-type]  # lists do
    trainer.run(loader, max_epochs=3)
    expected = {"dataset": "numbers", "epochs": 3, "total_steps": 6, "batch_size": 4}
    assert expected.items() <= logger.writer.config.items()


def test_the_end_of_a_script_without_a_with_block_ends_the_run(folder: Path) -> None:
    code = """if True:
        import sys
        from ignite.engine import Engine
        from trainmon.integrations.ignite import setup_trainmon_logging
        logger = setup_trainmon_logging(sys.argv[1], Engine(lambda *_: 1.0))
        logger.log({"val/f1": 0.5})
    """
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)  # noqa: S603 - our own code
    assert lines_of(folder)[-1]["status"] == "finished"


def test_the_example_trains_and_is_judged_well(tmp_path: Path) -> None:
    run = run_example("ignite_engine.py", tmp_path / "circle")
    serious = [finding for finding in run["findings"] if finding["severity"] != "info"]
    assert (run["status"], run["last_step"], serious) == ("finished", 160, [])
    assert {"loss-spike", "overfitting"} <= set(run["clear"])
