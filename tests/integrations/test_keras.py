import subprocess
import sys
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.integrations.logged import Line, curve, events, lines_of, run_example
from trainmon.integrations.keras import TrainmonCallback

# Keras's variables give numpy their values in a way that numpy 2 has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

INPUTS = np.random.default_rng(0).normal(size=(14, 2)).astype("float32")
TARGETS = INPUTS.sum(axis=1, keepdims=True)


class Loss(keras.losses.Loss):  # type: ignore[misc]  # keras has no types
    """The squared error; keeps what it was for each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[float] = []
        self.nan_at: int | None = None

    @property
    def batches(self) -> list[float]:
        return self.calls[1:]  # Keras builds a model by one call that trains nothing

    def call(self, y_true: Any, y_pred: Any) -> Any:  # noqa: ANN401 - of keras
        errors = (y_true - y_pred) ** 2
        if len(self.calls) == self.nan_at:
            errors = errors * float("nan")
        self.calls.append(float(keras.ops.mean(errors.detach())))
        return errors


def model_of(loss: Any = "mse", **options: object) -> Any:  # noqa: ANN401 - of keras
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    optimizer = options.pop("optimizer", None) or keras.optimizers.SGD(0.125)
    model.compile(optimizer, loss, **options)
    return model


def fit(
    model: Any,  # noqa: ANN401 - of keras
    callback: TrainmonCallback,
    others: Sequence[Any] = (),
    **options: object,
) -> list[Line]:
    """Fit on four batches of 4, 4, 4 and 2 samples, and return what was logged."""
    arguments = {"batch_size": 4, "shuffle": False, "verbose": 0, **options}
    model.fit(INPUTS, TARGETS, callbacks=[callback, *others], **arguments)
    assert callback.writer is not None
    return lines_of(Path(callback.writer.folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "line"


def test_the_loss_of_each_batch_is_told_from_the_running_mean(folder: Path) -> None:
    loss = Loss()
    logged = fit(model_of(loss), TrainmonCallback(folder), epochs=2)
    told = [value for _, value in curve(logged, "train/loss")]
    assert [step for step, _ in curve(logged, "train/loss")] == list(range(1, 9))
    assert told[:3] + told[4:7] == pytest.approx(loss.batches[:3] + loss.batches[4:7], rel=1e-4)


def test_a_smaller_last_batch_comes_out_nearer_to_the_mean(folder: Path) -> None:
    loss = Loss()
    logged = fit(model_of(loss), TrainmonCallback(folder))
    *whole, last = loss.batches
    mean = sum(whole) / 3
    share = 4 * 2 / 14  # of two samples among fourteen, had the four batches been alike
    assert curve(logged, "train/loss")[-1] == (4, pytest.approx(mean + (last - mean) * share))


def test_the_mean_of_an_epoch_has_a_name_of_its_own(folder: Path) -> None:
    loss = Loss()
    logged = fit(model_of(loss), TrainmonCallback(folder))
    mean = np.average(loss.batches, weights=[4, 4, 4, 2])
    assert curve(logged, "train/loss_epoch") == [(4, pytest.approx(mean))]


def test_a_value_that_is_not_finite_hides_only_the_rest_of_its_epoch(folder: Path) -> None:
    loss = Loss()
    loss.nan_at = 2
    logged = fit(model_of(loss), TrainmonCallback(folder), epochs=2)
    assert curve(logged, "train/loss")[1:] == [(2, "NaN"), (5, "NaN")]


def test_a_loss_that_is_not_finite_can_stop_the_fit(folder: Path) -> None:
    loss = Loss()
    loss.nan_at = 2
    logged = fit(model_of(loss), TrainmonCallback(folder, on_nonfinite="stop"), epochs=9)
    assert [event["why"] for event in events(logged, "stop")] == ["train/loss is not finite"]
    assert logged[-1]["event"] == "finish"


class Raw(keras.Sequential):  # type: ignore[misc]  # keras has no types
    """Shows the loss of the batch, as scripts with a step of their own may."""

    def train_step(self, data: Any) -> dict[str, Any]:  # noqa: ANN401 - of keras
        inputs, targets = data
        loss = self.compute_loss(x=inputs, y=targets, y_pred=self(inputs, training=True))
        return {"loss": loss.detach()}


def test_a_loss_that_is_no_running_mean_is_logged_as_it_is(folder: Path) -> None:
    model = Raw([keras.layers.Input((2,)), keras.layers.Dense(1)])
    loss = Loss()
    model.compile(keras.optimizers.SGD(0.125), loss)
    logged = fit(model, TrainmonCallback(folder))
    assert [value for _, value in curve(logged, "train/loss")] == pytest.approx(loss.batches)


def test_other_metrics_are_logged_as_running_and_at_the_end_of_an_epoch(folder: Path) -> None:
    logged = fit(model_of(metrics=["mae"]), TrainmonCallback(folder))
    running = curve(logged, "running/mae")
    assert [step for step, _ in running] == [1, 2, 3, 4]
    assert curve(logged, "train/mae") == [running[-1]]


def test_each_output_has_a_loss_of_its_own(folder: Path) -> None:
    inputs = keras.layers.Input((2,))
    heads = {name: keras.layers.Dense(1, name=name)(inputs) for name in ("mask", "box")}
    model = keras.Model(inputs, heads)
    model.compile("sgd", {"mask": "mse", "box": "mae"})
    callback = TrainmonCallback(folder)
    targets = {"mask": TARGETS, "box": TARGETS}
    model.fit(INPUTS, targets, batch_size=4, verbose=0, callbacks=[callback])
    logged = lines_of(folder)
    parts = zip(curve(logged, "train/loss/mask"), curve(logged, "train/loss/box"), strict=True)
    sums = [(step, pytest.approx(mask + box, rel=1e-4)) for (step, mask), (_, box) in parts]
    assert curve(logged, "train/loss") == sums


def test_evaluations_count_epochs_and_steps_that_are_done(folder: Path) -> None:
    data = (INPUTS, TARGETS)
    logged = fit(model_of(), TrainmonCallback(folder), epochs=2, validation_data=data)
    evaluations = [(line["step"], line["epoch"]) for line in logged if "val/loss" in line]
    assert evaluations == [(4, 1), (8, 2)]
    assert [line["epoch"] for line in logged if "train/loss" in line][:4] == [0.25, 0.5, 0.75, 1]


def test_an_evaluation_outside_of_a_fit_is_a_test(folder: Path) -> None:
    model, callback = model_of(), TrainmonCallback(folder)
    fit(model, callback)
    model.evaluate(INPUTS, TARGETS, callbacks=[callback], verbose=0)
    assert [step for step, _ in curve(lines_of(folder), "test/loss")] == [4]


def test_the_learning_rate_is_that_of_the_epoch(folder: Path) -> None:
    changes = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    logged = fit(model_of(), TrainmonCallback(folder), epochs=2, others=[changes])
    assert [rate for _, rate in curve(logged, "lr")] == [0.1] * 4 + [0.05] * 4


def test_a_schedule_is_read_for_the_first_batch_of_an_epoch_and_seldom_after_it(
    folder: Path,
) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.125, 1, 0.5)
    model = model_of(optimizer=keras.optimizers.SGD(schedule))
    callback = TrainmonCallback(folder, timer=lambda: 0.0)
    logged = fit(model, callback, epochs=2)
    assert curve(logged, "lr") == [(1, 0.125), (5, 0.125 * 0.5**4)]
    assert callback.writer is not None
    assert callback.writer.config["schedule"] == "ExponentialDecay"


def test_accumulated_batches_belong_to_one_step(folder: Path) -> None:
    optimizer = keras.optimizers.SGD(0.125, gradient_accumulation_steps=2)
    data = (INPUTS, TARGETS)
    logged = fit(model_of(optimizer=optimizer), TrainmonCallback(folder), validation_data=data)
    assert [step for step, _ in curve(logged, "train/loss")] == [1, 1, 2, 2]
    assert [step for step, _ in curve(logged, "val/loss")] == [2]


def test_a_second_fit_counts_on_though_the_model_was_compiled_anew(folder: Path) -> None:
    model, callback = model_of(), TrainmonCallback(folder)
    fit(model, callback)
    model.compile("adam", "mse")
    logged = fit(model, callback)
    assert [step for step, _ in curve(logged, "train/loss")] == list(range(1, 9))
    assert [(event["name"], event["step"]) for event in events(logged, "phase")] == [("fit", 4)]
    assert callback.writer is not None
    assert callback.writer.config["optimizer"] == "Adam"


def test_a_fit_that_begins_behind_step_0_is_a_resume(folder: Path) -> None:
    model = model_of()
    model.fit(INPUTS, TARGETS, batch_size=4, verbose=0)
    logged = fit(model, TrainmonCallback(folder), initial_epoch=1, epochs=2)
    assert [event["step"] for event in events(logged, "resume")] == [4]
    assert [step for step, _ in curve(logged, "train/loss")] == [5, 6, 7, 8]


def test_the_configuration_is_what_keras_tells(folder: Path) -> None:
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1, global_clipnorm=0.5)
    callback = TrainmonCallback(folder, config={"batch_size": 4})
    header, *_ = fit(model_of(optimizer=optimizer), callback, epochs=2)
    expected = {
        "batch_size": 4,
        "epochs": 2,
        "total_steps": 8,
        "optimizer": "AdamW",
        "lr": 0.01,
        "weight_decay": 0.1,
        "clip": 0.5,
        "loss": "mse",
        "precision": "float32",
        "parameters": 3,
    }
    assert expected.items() <= header["config"].items()


def test_an_early_stop_is_told(folder: Path) -> None:
    stopper = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=1e9)
    logged = fit(model_of(), TrainmonCallback(folder), epochs=9, others=[stopper])
    assert [event["why"] for event in events(logged, "stop")] == [
        "Keras was told to stop in epoch 2"
    ]
    assert logged[-1]["status"] == "finished"


def test_the_training_comes_to_the_same_with_and_without(folder: Path) -> None:
    with_it, without = model_of(), model_of()
    fit(with_it, TrainmonCallback(folder))
    without.fit(INPUTS, TARGETS, batch_size=4, shuffle=False, verbose=0)
    for weights, others in zip(with_it.get_weights(), without.get_weights(), strict=True):
        assert np.array_equal(weights, others)


def test_tuners_can_copy_the_callback_for_each_trial(folder: Path) -> None:
    callback = TrainmonCallback(folder)
    for _ in range(2):
        fit(model_of(), deepcopy(callback))
    assert curve(lines_of(folder), "train/loss")
    assert curve(lines_of(folder.with_name(f"{folder.name}-2")), "train/loss")


class Odd(keras.Sequential):  # type: ignore[misc]  # keras has no types
    """Has a setting that cannot be read."""

    @property
    def jit_compile(self) -> bool:
        raise RuntimeError("ask later")

    @jit_compile.setter
    def jit_compile(self, _: object) -> None:
        pass


def test_a_setting_that_cannot_be_read_does_not_stop_the_fit(folder: Path) -> None:
    callback = TrainmonCallback(folder, config={"batch_size": 4})
    callback.set_model(Odd([keras.layers.Dense(1)], name="odd"))
    callback.on_train_begin()
    assert lines_of(folder)[0]["config"] == {"batch_size": 4}
    callback.on_train_end()


def test_an_exception_that_ends_the_script_is_logged(folder: Path) -> None:
    code = """if True:
        import sys, keras, numpy as np
        from trainmon.integrations.keras import TrainmonCallback
        class Fails(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                if batch == 2:
                    raise FloatingPointError("the batch is bad")
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        callbacks = [TrainmonCallback(sys.argv[1]), Fails()]
        model.fit(np.ones((16, 2)), np.ones(16), batch_size=4, verbose=0, callbacks=callbacks)
    """
    command = [sys.executable, "-c", code, str(folder)]
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own code
    *_, last = lines_of(folder)
    assert (last["event"], last["type"]) == ("exception", "FloatingPointError")


def test_the_example_trains_and_is_judged_well(tmp_path: Path) -> None:
    run = run_example("keras_fit.py", tmp_path / "circle")
    serious = [finding for finding in run["findings"] if finding["severity"] != "info"]
    assert (run["status"], run["last_step"], serious) == ("finished", 160, [])
    assert {"loss-spike", "overfitting"} <= set(run["clear"])
