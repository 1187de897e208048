"""The callback in real trainings: a tiny BERT of Transformers on random words, on the CPU."""

import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.utils.data import Dataset
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)
from transformers.modeling_outputs import SequenceClassifierOutput

from tests.integrations.logged import Line, curve, events, lines_of, run_example
from trainmon.errors import NonFiniteLossError, WriterError
from trainmon.integrations.huggingface import TrainmonCallback
from trainmon.integrations.huggingface.hidden_loss import HiddenLoss
from trainmon.integrations.huggingface.settings import settings_of

NAN = float("nan")


class Model(BertForSequenceClassification):  # type: ignore[no-untyped-call]  # torch's own
    """A classifier whose loss is NaN at some of the forward passes in training."""

    def __init__(self, nan_at: tuple[int, ...] = ()) -> None:
        config = BertConfig(
            vocab_size=16,
            hidden_size=8,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=2,
        )
        config.num_labels = 3
        super().__init__(config)
        self.nan_at = nan_at
        self.passes = 0

    def forward(
        self, input_ids: torch.Tensor | None = None, labels: torch.Tensor | None = None
    ) -> SequenceClassifierOutput:
        outputs: SequenceClassifierOutput = super().forward(input_ids=input_ids, labels=labels)
        self.passes += self.training
        if self.training and self.passes in self.nan_at and outputs.loss is not None:
            # Added to the loss, it leaves the gradients as they are, and so the weights finite.
            outputs.loss = outputs.loss + NAN
        return outputs


class Sentences(Dataset[dict[str, torch.Tensor]]):
    def __init__(self, count: int) -> None:
        self.words = torch.arange(count * 4).reshape(count, 4) % 16

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"input_ids": self.words[index], "labels": self.words[index, 0] % 3}


def hooks_of(model: torch.nn.Module) -> list[object]:
    return list(model._forward_hooks.values())  # noqa: SLF001 - torch has no other word for them


def arguments(
    folder: Path,
    **changes: Any,  # noqa: ANN401 - any of the arguments
) -> TrainingArguments:
    usual: dict[str, Any] = {
        "output_dir": str(folder / "checkpoints"),
        "max_steps": 8,
        "per_device_train_batch_size": 4,
        "logging_steps": 2,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": True,
        "disable_tqdm": True,
    }
    return TrainingArguments(**{**usual, **changes})


def train(
    folder: Path,
    *callbacks: TrainerCallback,
    model: torch.nn.Module | None = None,
    resume: bool = False,
    **changes: Any,  # noqa: ANN401 - any of the arguments
) -> Trainer:
    set_seed(0)
    trainer = Trainer(
        model or Model(),
        arguments(folder, **changes),
        train_dataset=Sentences(64),
        eval_dataset=Sentences(16),
        callbacks=list(callbacks),
        compute_metrics=lambda _: {"accuracy": 0.75},
    )
    trainer.train(resume_from_checkpoint=resume)
    return trainer


@pytest.fixture(autouse=True)
def quiet(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """The Trainer prints what it logs, and a bar for each checkpoint."""
    yield
    capsys.readouterr()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "baseline"


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """Return the log of eight steps with two evaluations and two checkpoints, one loss NaN."""
    folder = tmp_path_factory.mktemp("ordinary")
    train(
        folder,
        TrainmonCallback(folder / "run"),
        model=Model(nan_at=(5,)),
        eval_strategy="steps",
        eval_steps=4,
        save_strategy="steps",
        save_steps=4,
        metric_for_best_model="accuracy",
        warmup_steps=0.25,
        max_grad_norm=0.5,
    )
    return lines_of(folder / "run")


def test_the_header_tells_the_arguments_under_the_names_that_rules_read(
    ordinary: list[Line],
) -> None:
    config = ordinary[0]["config"]
    expected = {
        "lr": 5e-5,
        "batch_size": 4,
        "accum": 1,
        "total_steps": 8,
        "warmup_steps": 2,
        "schedule": "linear",
        "clip": 0.5,
        "precision": "fp32",
        "shuffle": True,
        "monitor": "val/accuracy",
        "mode": "max",
        "logging_nan_inf_filter": True,
        "train_samples": 64,
    }
    assert {name: config[name] for name in expected} == expected


def test_the_header_tells_what_the_model_is(ordinary: list[Line]) -> None:
    config = ordinary[0]["config"]
    assert config["model"] == "Model"
    assert config["num_classes"] == 3
    assert config["dropout"] == 0.1
    assert config["parameters"] == config["trainable_parameters"] > 500


def test_the_header_keeps_the_arguments_that_were_changed_and_no_secrets(
    ordinary: list[Line],
) -> None:
    changed = ordinary[0]["config"]["training_args"]
    assert changed["eval_steps"] == 4
    assert "adam_beta1" not in changed
    assert not [name for name in changed if "token" in name]


def test_a_language_model_has_a_vocabulary_and_no_classes(tmp_path: Path, run: Path) -> None:
    callback = TrainmonCallback(run)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=16, n_embd=8, n_layer=1, n_head=2))
    callback.on_train_begin(arguments(tmp_path), TrainerState(), TrainerControl(), model=model)
    callback.on_train_end(arguments(tmp_path), TrainerState(), TrainerControl())
    config = lines_of(run)[0]["config"]
    assert config["vocab_size"] == 16
    assert "num_classes" not in config


def test_each_step_tells_its_times(ordinary: list[Line]) -> None:
    assert [step for step, _ in curve(ordinary, "step_time")] == list(range(1, 9))
    waits = dict(curve(ordinary, "data_time"))
    assert all(0 < waits[step] < whole for step, whole in curve(ordinary, "step_time"))


def test_the_steps_that_the_trainer_logs_tell_loss_rate_and_gradient(ordinary: list[Line]) -> None:
    for name in ("lr", "grad_norm"):
        assert [step for step, _ in curve(ordinary, name)] == [2, 4, 6, 8]
    line = next(line for line in ordinary if "lr" in line)
    assert 0.5 < line["train/loss"] < 2.0
    assert line["epoch"] == 2 / 16


def test_evaluations_are_val_metrics(ordinary: list[Line]) -> None:
    assert curve(ordinary, "val/accuracy") == [(4, 0.75), (8, 0.75)]
    assert [step for step, _ in curve(ordinary, "val/loss")] == [4, 8]


def test_what_the_trainer_measures_of_itself_is_no_metric_of_the_model(
    ordinary: list[Line],
) -> None:
    names = {name for line in ordinary for name in line}
    assert {"run/train_loss", "run/train_runtime", "run/eval_runtime"} <= names
    assert not [name for name in names if name.startswith(("val/", "train_")) and "time" in name]


def test_a_loss_that_the_filter_hides_is_logged_at_its_step(ordinary: list[Line]) -> None:
    losses = curve(ordinary, "train/loss")
    assert [step for step, _ in losses] == [2, 4, 5, 6, 8]
    assert [value for step, value in losses if step == 5] == ["NaN"]


def test_checkpoints_tell_where_they_are_and_what_they_are_worth(ordinary: list[Line]) -> None:
    first, second = events(ordinary, "checkpoint")
    assert first["path"].endswith("checkpoint-4")
    assert (first["step"], first["metric"], first["value"]) == (4, "val/accuracy", 0.75)
    assert (first["best"], second["best"]) == (True, False)


def test_a_training_that_ends_has_finished(ordinary: list[Line]) -> None:
    assert ordinary[-1]["status"] == "finished"
    assert not events(ordinary, "stop")


def test_with_accumulation_any_micro_batch_makes_its_step_not_finite(
    tmp_path: Path, run: Path
) -> None:
    model = Model(nan_at=(6,))
    train(tmp_path, TrainmonCallback(run), model=model, gradient_accumulation_steps=2)
    lines = lines_of(run)
    assert lines[0]["config"]["accum"] == 2
    assert (3, "NaN") in curve(lines, "train/loss")
    assert [step for step, _ in curve(lines, "step_time")] == list(range(1, 9))


def test_the_average_of_others_does_not_stand_in_for_a_loss_that_is_not_finite(
    tmp_path: Path, run: Path
) -> None:
    train(tmp_path, TrainmonCallback(run), model=Model(nan_at=(4, 5, 6, 7, 8)))
    losses = curve(lines_of(run), "train/loss")
    assert losses[1:] == [(step, "NaN") for step in (4, 5, 6, 7, 8)]


def test_without_the_filter_the_model_is_left_alone(tmp_path: Path, run: Path) -> None:
    model = Model()
    callback = TrainmonCallback(run)
    without = arguments(tmp_path, logging_nan_inf_filter=False)
    callback.on_train_begin(without, TrainerState(), TrainerControl(), model=model)
    assert not hooks_of(model)
    callback.on_train_end(without, TrainerState(), TrainerControl())
    assert lines_of(run)[0]["config"]["logging_nan_inf_filter"] is False


def test_a_compiled_model_gets_no_hook_which_is_told(tmp_path: Path, run: Path) -> None:
    model, stderr = Model(), StringIO()
    model.compile(backend="eager")
    callback = TrainmonCallback(run, stderr=stderr)
    callback.on_train_begin(arguments(tmp_path), TrainerState(), TrainerControl(), model=model)
    callback.on_train_end(arguments(tmp_path), TrainerState(), TrainerControl())
    assert not hooks_of(model)
    assert "logging_nan_inf_filter=False shows it" in stderr.getvalue()


def test_the_weights_are_those_of_a_training_without_it(tmp_path: Path, run: Path) -> None:
    alone = train(tmp_path).model
    logged = train(tmp_path, TrainmonCallback(run)).model
    assert isinstance(alone, Model)
    assert isinstance(logged, Model)
    for mine, other in zip(logged.parameters(), alone.parameters(), strict=True):
        assert torch.equal(mine, other)
    assert not hooks_of(logged)


def test_an_evaluation_after_the_training_joins_the_run(tmp_path: Path, run: Path) -> None:
    trainer = train(tmp_path, TrainmonCallback(run))
    trainer.evaluate()
    lines = lines_of(run)
    assert curve(lines, "val/accuracy") == [(8, 0.75)]
    assert lines[-1]["status"] == "finished"
    assert len([line for line in lines if "trainmon" in line]) == 1
    assert not list(run.parent.glob("baseline-*"))


def test_an_evaluation_before_the_training_leaves_the_folder_unused(
    tmp_path: Path, run: Path
) -> None:
    callback = TrainmonCallback(run)
    logs = {"eval_loss": 0.5}
    callback.on_log(arguments(tmp_path), TrainerState(), TrainerControl(), logs=logs)
    assert callback.log is None
    assert not run.exists()


def test_a_training_from_a_checkpoint_goes_on_in_the_same_run(tmp_path: Path, run: Path) -> None:
    train(tmp_path, TrainmonCallback(run), max_steps=4, save_strategy="steps", save_steps=4)
    train(tmp_path, TrainmonCallback(run), max_steps=8, save_strategy="no", resume=True)
    lines = lines_of(run)
    assert [line["attempt"] for line in lines if "trainmon" in line] == [0, 1]
    assert events(lines, "resume")[0]["step"] == 4
    assert [step for step, _ in curve(lines, "step_time")] == list(range(1, 9))


def test_a_training_from_the_beginning_takes_another_folder(tmp_path: Path, run: Path) -> None:
    for _ in range(2):
        train(tmp_path, TrainmonCallback(run), max_steps=2)
    assert lines_of(run)[-1] | lines_of(run.with_name("baseline-2"))[-1]


class StopAt(TrainerCallback):
    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the Trainer's signature
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> None:
        control.should_training_stop = state.global_step == 3


def test_a_training_that_was_stopped_says_where(tmp_path: Path, run: Path) -> None:
    train(tmp_path, TrainmonCallback(run), StopAt())
    lines = lines_of(run)
    assert events(lines, "stop")[0]["why"] == "the Trainer was told to stop at step 3 of 8"
    assert lines[-1]["status"] == "finished"


def test_a_loss_that_is_not_finite_can_stop_the_training(tmp_path: Path, run: Path) -> None:
    callback = TrainmonCallback(run, on_nonfinite="stop", stderr=StringIO())
    train(tmp_path, callback, model=Model(nan_at=(3,)))
    lines = lines_of(run)
    assert curve(lines, "step_time")[-1][0] == 4
    assert [event["why"] for event in events(lines, "stop")] == ["train/loss is not finite"]


def test_a_loss_that_is_not_finite_can_be_an_exception(tmp_path: Path, run: Path) -> None:
    callback = TrainmonCallback(run, on_nonfinite="raise")
    with pytest.raises(NonFiniteLossError, match="train/loss is not finite at step 3"):
        train(tmp_path, callback, model=Model(nan_at=(3,)))
    assert curve(lines_of(run), "train/loss")[-1] == (3, "NaN")


def test_a_watched_model_tells_the_gradient_of_every_step_and_the_norms_of_its_layers(
    tmp_path: Path, run: Path
) -> None:
    model = Model()
    train(tmp_path, TrainmonCallback(run, watch=True), model=model)
    lines = lines_of(run)
    assert {step for step, _ in curve(lines, "grad_norm")} == set(range(1, 9))
    assert {"weight_norm/classifier.weight", "grad_norm/classifier.weight"} <= {
        name for line in lines for name in line
    }
    assert not hooks_of(model)


class Fail(TrainerCallback):
    def on_step_end(self, *_: object, **__: object) -> None:
        raise RuntimeError("out of memory")


def test_a_training_that_somebody_saw_fail_is_not_finished_by_the_next(
    tmp_path: Path, run: Path
) -> None:
    callback = TrainmonCallback(run)
    model = Model()
    with pytest.raises(RuntimeError, match="out of memory"):
        train(tmp_path, Fail(), callback, model=model)
    train(tmp_path, callback, model=model, max_steps=2)
    failed = lines_of(run)
    assert events(failed, "stop")[0]["why"] == "the training was left before its end"
    assert not events(failed, "finish")
    assert lines_of(run.with_name("baseline-2"))[-1]["status"] == "finished"
    assert not hooks_of(model)


def test_a_process_that_is_not_the_first_logs_its_own_times_and_the_loss(
    tmp_path: Path, run: Path
) -> None:
    args, control = arguments(tmp_path), TrainerControl()
    state = TrainerState(is_world_process_zero=False, global_step=1, max_steps=1)
    callback = TrainmonCallback(run, rank=1, world_size=2, resume=False)
    callback.on_train_begin(args, state, control, model=Model())
    callback.on_step_begin(args, state, control)
    callback.on_step_end(args, state, control)
    callback.on_log(args, state, control, logs={"loss": 0.5, "learning_rate": 5e-5})
    callback.on_log(args, state, control, logs={"eval_loss": 0.6})
    callback.on_save(args, state, control)
    callback.on_train_end(args, state, control)
    names = {name for line in lines_of(run, rank=1) if "event" not in line for name in line}
    assert {"data_time", "step_time", "train/loss"} <= names
    assert not names & {"lr", "val/loss"}
    assert not events(lines_of(run, rank=1), "checkpoint")


@pytest.mark.parametrize(
    ("run_name", "folder"), [(None, "logs/checkpoints"), ("big run", "logs/big run")]
)
def test_without_a_folder_the_run_has_the_name_that_the_trainer_gives_it(
    run_name: str | None, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    callback = TrainmonCallback()
    args = arguments(tmp_path, run_name=run_name)
    callback.on_train_begin(args, TrainerState(), TrainerControl(), model=Model())
    callback.on_train_end(args, TrainerState(), TrainerControl())
    assert lines_of(tmp_path / folder)


def test_a_folder_that_cannot_be_written_to_is_told_before_the_first_step(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriterError, match="a part of the path is a file"):
        train(tmp_path, TrainmonCallback(tmp_path / "file" / "run"))


def test_settings_of_the_user_join_those_of_the_trainer_and_win(tmp_path: Path, run: Path) -> None:
    callback = TrainmonCallback(run, config={"dataset": "words", "batch_size": 1024})
    callback.on_train_begin(arguments(tmp_path), TrainerState(), TrainerControl(), model=Model())
    callback.on_train_end(arguments(tmp_path), TrainerState(), TrainerControl())
    config = lines_of(run)[0]["config"]
    assert (config["dataset"], config["batch_size"], config["lr"]) == ("words", 1024, 5e-5)


def test_time_spent_logging_or_evaluating_is_no_wait_for_the_data(
    tmp_path: Path, run: Path
) -> None:
    args, control = arguments(tmp_path), TrainerControl()
    state = TrainerState(global_step=1, max_steps=1)
    callback = TrainmonCallback(
        run, timer=iter([0.0, 1.0, 3.0, 100.0, 101.0, 103.0, 104.0]).__next__
    )
    callback.on_train_begin(args, state, control, model=Model())
    for _ in range(2):
        callback.on_step_begin(args, state, control)
        callback.on_step_end(args, state, control)
        callback.on_evaluate(args, state, control)
    lines = lines_of(run)
    assert [value for _, value in curve(lines, "data_time")] == [1.0, 1.0]
    assert [value for _, value in curve(lines, "step_time")] == [3.0, 3.0]


def test_the_others_do_not_take_the_saving_of_the_first_for_a_wait_for_data(
    tmp_path: Path, run: Path
) -> None:
    args, control = arguments(tmp_path), TrainerControl()
    state = TrainerState(is_world_process_zero=False)
    callback = TrainmonCallback(run, rank=1, world_size=2)
    callback.on_train_begin(args, state, control, model=Model())
    for step in (1, 2, 3):
        state.global_step = step
        callback.on_step_begin(args, state, control)
        callback.on_step_end(args, state, control)
        if step == 1:
            callback.on_save(args, state, control)
    assert [step for step, _ in curve(lines_of(run, rank=1), "data_time")] == [1, 3]


def test_a_trainer_that_counts_steps_alone_plans_no_epochs(tmp_path: Path) -> None:
    state = TrainerState(num_train_epochs=sys.maxsize, max_steps=8)
    settings = settings_of(arguments(tmp_path), state, Model(), None)
    assert (settings["epochs"], settings["total_steps"]) == (None, 8)


@pytest.mark.parametrize(
    "outputs",
    [
        {"logits": torch.zeros(2, 3)},
        (torch.zeros(2, 3), torch.zeros(2)),
        (),
        None,
        {"loss": None},
        {"loss": "no tensor"},
        {"loss": torch.tensor(1)},
    ],
    ids=["no loss", "logits first", "empty", "nothing", "loss is None", "text", "integer"],
)
def test_a_model_whose_output_holds_no_loss_is_no_trouble(outputs: object) -> None:
    model = torch.nn.Module()
    model.forward = lambda: outputs
    hidden = HiddenLoss(model)
    hidden.begin()
    model()
    assert hidden.end() is None


def test_a_pass_outside_of_a_step_is_not_looked_at() -> None:
    model = torch.nn.Module()
    model.forward = lambda: (torch.tensor(NAN),)
    hidden = HiddenLoss(model)
    model()
    hidden.begin()
    assert hidden.end() is None


def test_a_model_that_is_used_on_after_an_interrupted_step_is_not_looked_at() -> None:
    model = torch.nn.Module()
    model.forward = lambda: (torch.tensor(NAN),)
    hidden = HiddenLoss(model)
    hidden.begin()
    model.eval()
    model()
    assert hidden.end() is None


def test_losses_of_several_devices_are_looked_at_one_by_one() -> None:
    model = torch.nn.Module()
    model.forward = lambda: {"loss": torch.tensor([0.5, float("inf")])}
    hidden = HiddenLoss(model)
    hidden.begin()
    model()
    assert hidden.end() == float("inf")


class OnDevice:
    """A loss on an accelerator: whoever asks it for its number waits."""

    ndim = 0
    device = SimpleNamespace(type="fake")

    def detach(self) -> "OnDevice":
        return self

    def reshape(self, *_: int) -> "OnDevice":
        return self

    def is_floating_point(self) -> bool:
        return True


class Post:
    """Takes values from the accelerator to the host, and keeps a diary."""

    def __init__(self, diary: list[str]) -> None:
        self.diary = diary

    def add(self, tensor: object) -> int:
        assert isinstance(tensor, OnDevice)
        return 0

    def send(self) -> None:
        self.diary.append("sent")

    def ready(self) -> bool:
        return True

    def values(self) -> list[float]:
        self.diary.append("read")
        return [NAN]


def test_a_loss_on_an_accelerator_is_sent_at_once_and_read_when_the_step_is_done() -> None:
    diary: list[str] = []
    model = torch.nn.Module()
    model.forward = lambda: {"loss": OnDevice()}
    hidden = HiddenLoss(model, devices=lambda _: Post(diary))
    hidden.begin()
    model()
    assert diary == ["sent"]
    assert str(hidden.end()) == "nan"
    assert diary == ["sent", "read"]


def test_the_example_runs_and_its_log_is_judged(tmp_path: Path) -> None:
    run = run_example("huggingface.py", tmp_path / "words")
    assert (run["status"], run["last_step"], run["format"]) == ("finished", 256, "trainmon")
    assert not [f for f in run["findings"] if f["severity"] != "info"]
    missing = {signal for rule in run["not_judged"] for signal in rule["missing"]}
    assert missing.isdisjoint({"train/loss", "val/loss", "lr", "grad_norm", "data_time", "config"})
