import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from tests.integrations.logged import Line, curve, events, lines_of, run_example
from trainmon.integrations.lightning import TrainmonCallback, TrainmonLogger

pytestmark = [
    # Lightning advises on more loader workers, on logging intervals and on its hosted products.
    pytest.mark.filterwarnings("ignore::lightning.fabric.utilities.warnings.PossibleUserWarning"),
    # Lightning uses a part of torch's pytree that torch has deprecated.
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:DeprecationWarning"),
]


class Line2(lightning.LightningModule):
    """Fits a line; keeps what the tests compare the log with."""

    def __init__(self, *, rate: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.rate = rate
        self.layer = nn.Linear(2, 1)
        self.losses: list[float] = []
        self.norms: list[float] = []
        self.fails_at: int | None = None

    def training_step(self, batch: list[Tensor], batch_idx: int) -> Tensor:
        if batch_idx == self.fails_at:
            raise FloatingPointError("the batch is bad")
        loss = nn.functional.mse_loss(self.layer(batch[0]), batch[1])
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        self.log("time_step", float(batch_idx))
        self.losses.append(loss.item())
        return loss

    def validation_step(self, batch: list[Tensor], batch_idx: int) -> None:
        loss = nn.functional.mse_loss(self.layer(batch[0]), batch[1])
        self.log("val_loss", loss, on_step=True, on_epoch=True)
        self.log("val_mae", float(batch_idx))

    def test_step(self, batch: list[Tensor]) -> None:
        self.log("test_loss", nn.functional.mse_loss(self.layer(batch[0]), batch[1]))

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:  # noqa: ARG002 - Lightning's signature
        self.norms.append(float(torch.cat([p.grad.flatten() for p in self.grads()]).norm()))

    def grads(self) -> list[Any]:
        return list(self.layer.parameters())

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning takes many forms
        optimizer = torch.optim.SGD(self.parameters(), lr=self.rate)
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]


def loader(batches: int) -> DataLoader[Any]:
    torch.manual_seed(0)
    inputs = torch.randn(batches * 4, 2)
    return DataLoader(TensorDataset(inputs, inputs.sum(dim=1, keepdim=True)), batch_size=4)


def trainer_of(folder: Path, **options: object) -> lightning.Trainer:
    arguments: dict[str, Any] = {
        "default_root_dir": folder,
        "accelerator": "cpu",
        "max_epochs": 1,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "log_every_n_steps": 1,
        **options,
    }
    return lightning.Trainer(**arguments)


def fit(folder: Path, module: Line2, batches: int = 4, /, **options: object) -> list[Line]:
    """Fit on some batches, and return what was logged to `folder`."""
    arguments = {"num_sanity_val_steps": 0, **options}
    trainer_of(folder, **arguments).fit(module, loader(batches), loader(2))
    return lines_of(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "line"


def test_the_logger_counts_the_optimizer_steps_that_are_done(folder: Path) -> None:
    module = Line2()
    logged = fit(folder, module, logger=TrainmonLogger(folder), max_epochs=2)
    assert curve(logged, "train_loss") == list(enumerate(module.losses, start=1))
    epochs = [line["epoch"] for line in logged if "train_loss" in line]
    assert epochs == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    assert [step for step, _ in curve(logged, "val_loss")] == [4, 8]


def test_the_mean_of_an_epoch_is_told_from_the_losses_of_its_steps(folder: Path) -> None:
    module = Line2()
    logged = fit(folder, module, logger=TrainmonLogger(folder))
    mean = pytest.approx(sum(module.losses) / 4)
    assert curve(logged, "train_loss_epoch") == [(4, mean)]
    assert [step for step, _ in curve(logged, "time_step")] == [1, 2, 3, 4]


def test_an_evaluation_is_the_mean_over_its_batches(folder: Path) -> None:
    logged = fit(folder, Line2(), logger=TrainmonLogger(folder))
    batches = curve(logged, "batch/val_loss_step")
    mean = sum(value for _, value in batches) / 2
    assert [step for step, _ in batches] == [4, 4]
    assert curve(logged, "val_loss") == [(4, pytest.approx(mean))]
    assert curve(logged, "val_mae") == [(4, 0.5)]


def test_an_evaluation_in_the_middle_of_an_accumulation_counts_no_step_more(folder: Path) -> None:
    options = {"accumulate_grad_batches": 2, "val_check_interval": 3}
    logged = fit(folder, Line2(), 6, logger=TrainmonLogger(folder), **options)
    assert [step for step, _ in curve(logged, "val_loss")] == [1, 3]


def test_the_sanity_check_is_no_evaluation(folder: Path) -> None:
    callbacks = [TrainmonCallback()]
    options = {"logger": TrainmonLogger(folder), "callbacks": callbacks, "num_sanity_val_steps": 2}
    logged = fit(folder, Line2(), **options)
    assert [step for step, _ in curve(logged, "val_loss")] == [4]


def test_a_test_after_the_fit_belongs_to_the_same_run(folder: Path) -> None:
    trainer = trainer_of(folder, logger=TrainmonLogger(folder), callbacks=[TrainmonCallback()])
    trainer.fit(module := Line2(), loader(4))
    trainer.test(module, loader(2), verbose=False)
    logged = lines_of(folder)
    (tested,) = (line for line in logged if "test_loss" in line)
    assert (tested["step"], tested["epoch"]) == (4, 1)
    assert [phase["name"] for phase in events(logged, "phase")] == ["test"]
    assert logged[-1]["event"] == "finish"


def test_logger_and_callback_write_one_file(folder: Path) -> None:
    logger, callback = TrainmonLogger(folder), TrainmonCallback("elsewhere")
    logged = fit(folder, Line2(), logger=logger, callbacks=[callback])
    assert callback.writer is logger.experiment
    assert len(events(logged, "finish")) == 1
    assert curve(logged, "train/loss") == curve(logged, "train_loss")


def test_the_gradient_norm_is_that_before_clipping(folder: Path) -> None:
    module = Line2()
    logged = fit(folder, module, callbacks=[TrainmonCallback(folder)], gradient_clip_val=1e-3)
    norms = [norm for _, norm in curve(logged, "grad_norm")]
    assert norms == pytest.approx(module.norms)
    assert min(norms) > 1e-3


def test_a_watched_model_tells_its_layers(folder: Path) -> None:
    module, callback = Line2(), TrainmonCallback(folder, watch=True)
    logged = fit(folder, module, callbacks=[callback], gradient_clip_val=1e-3)
    assert [norm for _, norm in curve(logged, "grad_norm")] == pytest.approx(module.norms)
    assert [step for step, _ in curve(logged, "weight_norm/layer.weight")] == [1]


def test_the_learning_rate_is_the_one_that_the_step_was_taken_with(folder: Path) -> None:
    logged = fit(folder, Line2(rate=0.8), callbacks=[TrainmonCallback(folder)])
    assert curve(logged, "lr") == [(1, 0.8), (2, 0.4), (3, 0.2), (4, 0.1)]


def test_accumulated_batches_are_one_step_with_their_mean_loss(folder: Path) -> None:
    module, callback = Line2(), TrainmonCallback(folder, timer=iter(range(1_000)).__next__)
    logged = fit(folder, module, 5, callbacks=[callback], accumulate_grad_batches=2)
    a, b, c, d, e = module.losses
    means = [pytest.approx(loss) for loss in ((a + b) / 2, (c + d) / 2, e)]
    assert curve(logged, "train/loss") == list(enumerate(means, start=1))
    # Each wait and each iteration takes one tick and two of the timer above.
    assert [value for _, value in curve(logged, "data_time")] == [2, 2, 1]
    assert [value for _, value in curve(logged, "step_time")] == [4, 4, 2]


def test_the_callback_alone_logs_what_the_script_logs(folder: Path) -> None:
    module = Line2()
    logged = fit(folder, module, callbacks=[TrainmonCallback(folder)], max_epochs=2)
    assert curve(logged, "train/loss") == list(enumerate(module.losses, start=1))
    assert curve(logged, "train_loss") == curve(logged, "train/loss")
    assert [step for step, _ in curve(logged, "val_loss")] == [4, 8]
    assert [step for step, _ in curve(logged, "train_loss_epoch")] == [4, 8]
    evaluation = next(line for line in logged if "val_loss" in line)
    assert evaluation.keys() == {"val_loss", "val_mae", "step", "epoch", "time"}
    assert logged[-1]["status"] == "finished"


def test_the_callback_alone_tells_of_checkpoints(folder: Path) -> None:
    saver = ModelCheckpoint(folder.parent / "saved", monitor="val_loss", save_top_k=-1)
    options = {"callbacks": [TrainmonCallback(folder), saver], "enable_checkpointing": True}
    logged = fit(folder, Line2(), max_epochs=2, **options)
    saved = [(event["step"], Path(event["path"]).name) for event in events(logged, "checkpoint")]
    assert saved == [(4, "epoch=0-step=4.ckpt"), (8, "epoch=1-step=8.ckpt")]


def test_a_checkpoint_tells_which_metric_decides_and_its_value(folder: Path) -> None:
    saver = ModelCheckpoint(monitor="val_loss")
    options = {"logger": TrainmonLogger(folder), "callbacks": [saver], "enable_checkpointing": True}
    logged = fit(folder, Line2(), **options)
    (event,) = events(logged, "checkpoint")
    ((_, loss),) = curve(logged, "val_loss")
    assert (event["metric"], event["value"], event["best"]) == (
        "val_loss",
        pytest.approx(loss),
        True,
    )
    assert Path(event["path"]).parent == folder / "checkpoints"


def test_a_step_before_which_a_checkpoint_was_saved_has_no_wait(folder: Path) -> None:
    saver = ModelCheckpoint(folder / "saved", every_n_train_steps=2)
    options = {"callbacks": [TrainmonCallback(folder), saver], "enable_checkpointing": True}
    logged = fit(folder, Line2(), **options)
    assert [step for step, _ in curve(logged, "data_time")] == [1, 2, 4]
    assert [step for step, _ in curve(logged, "step_time")] == [1, 2, 4]


def test_the_configuration_is_what_the_trainer_has(folder: Path) -> None:
    logger = TrainmonLogger(folder, config={"dataset": "lines"})
    stopper = EarlyStopping("val_loss", patience=3)
    options = {"gradient_clip_val": 0.5, "accumulate_grad_batches": 2, "max_epochs": 2}
    fit(folder, Line2(rate=0.8), logger=logger, callbacks=[TrainmonCallback(), stopper], **options)
    expected = {
        "dataset": "lines",
        "rate": 0.8,
        "epochs": 2,
        "total_steps": 4,
        "accum": 2,
        "clip": 0.5,
        "optimizer": "SGD",
        "lr": 0.8,
        "schedule": "ExponentialLR",
        "batch_size": 4,
        "train_samples": 16,
        "shuffle": False,
        "monitor": "val_loss",
        "mode": "min",
        "patience": 3,
        "parameters": 3,
        "precision": "32-true",
        "world_size": 1,
    }
    assert expected.items() <= logger.experiment.config.items()


@pytest.mark.parametrize("parts", ["logger", "callback", "both"])
def test_an_exception_is_logged_once(folder: Path, parts: str) -> None:
    logger = False if parts == "callback" else TrainmonLogger(folder)
    callbacks = [] if parts == "logger" else [TrainmonCallback(folder)]
    module = Line2()
    module.fails_at = 2
    with pytest.raises(FloatingPointError):
        fit(folder, module, logger=logger, callbacks=callbacks)
    *_, last = logged = lines_of(folder)
    assert (last["event"], last["type"]) == ("exception", "FloatingPointError")
    assert "training_step" in last["traceback"]
    assert not events(logged, "finish")


def test_a_run_goes_on_after_an_exception_that_the_script_caught(folder: Path) -> None:
    trainer = trainer_of(folder, logger=TrainmonLogger(folder))
    module = Line2()
    module.fails_at = 0
    with pytest.raises(FloatingPointError):
        trainer.fit(module, loader(4))
    module.fails_at = None
    trainer.fit(module, loader(4))
    assert [step for step, _ in curve(lines_of(folder), "train_loss")] == [1, 2, 3, 4]


def test_a_resume_from_a_checkpoint_is_told(folder: Path) -> None:
    saved = folder.parent / "saved.ckpt"
    first = trainer_of(folder, callbacks=[TrainmonCallback(folder)])
    first.fit(Line2(), loader(4))
    first.save_checkpoint(saved)
    again = trainer_of(folder, callbacks=[TrainmonCallback(folder, resume=True)], max_epochs=2)
    again.fit(Line2(), loader(4), ckpt_path=saved, weights_only=False)
    logged = lines_of(folder)
    assert [event["step"] for event in events(logged, "resume")] == [4]
    assert [step for step, _ in curve(logged, "train/loss")] == list(range(1, 9))


def test_a_second_fit_is_a_phase_that_counts_on(folder: Path) -> None:
    trainer = trainer_of(folder, logger=TrainmonLogger(folder), callbacks=[TrainmonCallback()])
    trainer.fit(module := Line2(), loader(2))
    trainer.fit_loop.max_epochs = 2
    trainer.fit(module, loader(2))
    logged = lines_of(folder)
    assert [(event["name"], event["step"]) for event in events(logged, "phase")] == [("fit", 2)]
    assert [step for step, _ in curve(logged, "train/loss")] == [1, 2, 3, 4]


def test_an_early_stop_is_told(folder: Path) -> None:
    stopper = EarlyStopping("val_loss", patience=1, min_delta=1e9)
    logged = fit(folder, Line2(), callbacks=[TrainmonCallback(folder), stopper], max_epochs=9)
    (stop,) = events(logged, "stop")
    assert (stop["step"], stop["why"]) == (8, "the Trainer was told to stop after 8 steps")


class Infinite(Line2):
    """Has a loss that overflows."""

    def training_step(self, batch: list[Tensor], batch_idx: int) -> Tensor:
        return super().training_step(batch, batch_idx) * torch.tensor(float("inf"))


def test_a_loss_that_is_not_finite_can_stop_the_trainer(folder: Path) -> None:
    callback = TrainmonCallback(folder, on_nonfinite="stop")
    logged = fit(folder, Infinite(), callbacks=[callback], max_epochs=9, log_every_n_steps=2)
    assert [event["why"] for event in events(logged, "stop")] == ["train/loss is not finite"]
    assert curve(logged, "train/loss") == [(1, "Infinity"), (2, "NaN")]


def test_the_rates_of_a_monitor_are_named_as_learning_rates(folder: Path) -> None:
    monitor = LearningRateMonitor("step")
    logged = fit(folder, Line2(rate=0.8), logger=TrainmonLogger(folder), callbacks=[monitor])
    assert [rate for _, rate in curve(logged, "lr")] == [0.8, 0.4, 0.2, 0.1]


def test_rates_that_the_callback_measures_as_well_leave_no_empty_lines(folder: Path) -> None:
    options: dict[str, Any] = {
        "logger": TrainmonLogger(folder),
        "callbacks": [TrainmonCallback(), LearningRateMonitor("step")],
    }
    logged = fit(folder, Line2(), **options)
    assert not [line for line in logged if line.keys() == {"step", "epoch", "time"}]


class Mean(Line2):
    """Logs the mean of an epoch by the very name that the callback has for the loss of a step."""

    def training_step(self, batch: list[Tensor], batch_idx: int) -> Tensor:  # noqa: ARG002 - Lightning's signature
        loss = nn.functional.mse_loss(self.layer(batch[0]), batch[1])
        self.log("train/loss", loss, on_step=False, on_epoch=True)
        return loss


def test_a_mean_never_mixes_with_the_values_that_the_callback_measures(folder: Path) -> None:
    logged = fit(folder, Mean(), logger=TrainmonLogger(folder), callbacks=[TrainmonCallback()])
    losses = curve(logged, "train/loss")
    assert [step for step, _ in losses] == [1, 2, 3, 4]
    assert curve(logged, "train/loss_epoch") == [(4, pytest.approx(sum(v for _, v in losses) / 4))]


class Rivals(Line2):
    """Steps two optimizers by itself for each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False

    def training_step(self, batch: list[Tensor], batch_idx: int) -> None:  # type: ignore[override]  # noqa: ARG002 - Lightning's signature
        for optimizer in self.optimizers():  # type: ignore[union-attr]  # there are two
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(self.layer(batch[0]), batch[1])
            self.manual_backward(loss)
            optimizer.step()

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - as above
        return [torch.optim.SGD([p], lr=0.01 * n) for n, p in enumerate(self.grads(), start=1)]


def test_several_optimizers_step_once_a_batch_and_have_norms_of_their_own(folder: Path) -> None:
    logged = fit(folder, Rivals(), callbacks=[TrainmonCallback(folder)])
    first, *_ = (line for line in logged if "step" in line and "event" not in line)
    assert [step for step, _ in curve(logged, "step_time")] == [1, 2, 3, 4]
    assert {"grad_norm/optimizer0", "grad_norm/optimizer1"} <= first.keys()
    assert (first["lr"], first["lr/1"]) == (0.01, 0.02)


def test_the_training_comes_to_the_same_with_and_without(folder: Path) -> None:
    def weights(**options: object) -> Tensor:
        lightning.seed_everything(7, verbose=False)
        module = Line2()
        trainer_of(folder, gradient_clip_val=0.1, **options).fit(module, loader(4), loader(2))
        return torch.cat([p.detach().flatten() for p in module.parameters()])

    with_both = weights(logger=TrainmonLogger(folder), callbacks=[TrainmonCallback()])
    assert torch.equal(with_both, weights())


def test_a_fast_dev_run_is_not_logged(folder: Path) -> None:
    trainer = trainer_of(folder, callbacks=[TrainmonCallback(folder)], fast_dev_run=True)
    trainer.fit(Line2(), loader(4), loader(2))
    assert not folder.exists()


def test_a_logger_can_be_sent_to_another_process_and_is_shared_in_this_one(folder: Path) -> None:
    logger = TrainmonLogger(folder)
    assert logger.experiment.folder == str(folder)
    assert copy.deepcopy(logger) is logger
    assert pickle.loads(pickle.dumps(logger)).log_dir == str(folder)  # noqa: S301 - our own bytes


def test_without_a_trainer_the_steps_of_lightning_are_told_from_those_of_scripts(
    folder: Path,
) -> None:
    logger = TrainmonLogger(folder)
    logger.log_metrics({"loss": 0.5, "epoch": 0}, step=0)
    logger.log_metrics({"loss": 0.25}, step=2)
    assert curve(lines_of(folder), "loss") == [(1, 0.5), (2, 0.25)]


def test_the_other_lightning_gets_classes_of_its_own() -> None:
    code = """if True:
        import sys
        import pytorch_lightning
        from trainmon.integrations.lightning import TrainmonCallback, TrainmonLogger
        assert issubclass(TrainmonCallback, pytorch_lightning.Callback)
        assert issubclass(TrainmonLogger, pytorch_lightning.loggers.Logger)
        assert "lightning.pytorch" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code


def test_the_example_trains_and_is_judged_well(tmp_path: Path) -> None:
    run = run_example("lightning_loop.py", tmp_path / "circle")
    serious = [finding for finding in run["findings"] if finding["severity"] != "info"]
    assert (run["status"], run["last_step"], serious) == ("finished", 160, [])
    assert "loss-spike" in run["clear"]
    assert "overfitting" in run["clear"]
