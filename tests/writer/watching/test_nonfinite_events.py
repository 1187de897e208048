"""What is told when something becomes NaN or infinite."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from trainmon import Writer
from trainmon.writer.seen import SeenBatch
from trainmon.writer.watching import Watch

Lines = list[dict[str, Any]]
Read = Callable[[], Lines]
Train = Callable[..., None]
Batches = Callable[[int], list[Tensor]]


class Weak(nn.Module):
    """Passes values and gradients on, times factors that a test may change."""

    def __init__(self) -> None:
        super().__init__()
        self.forth = 1.0
        self.back = 1.0

    def forward(self, values: Tensor) -> Tensor:
        if values.requires_grad:
            values.register_hook(lambda gradient: gradient * self.back)  # type: ignore[no-untyped-call]  # torch's own
        return values * self.forth


@pytest.fixture
def weak() -> Weak:
    return Weak()


@pytest.fixture
def deep(weak: Weak) -> nn.Module:
    torch.manual_seed(0)
    layers = [("stem", nn.Linear(4, 4)), ("middle", nn.Linear(4, 4)), ("weak", weak)]
    return nn.Sequential(OrderedDict([*layers, ("head", nn.Linear(4, 2))]))


def bad_batch(value: float = torch.nan) -> Tensor:
    batch = torch.zeros(5, 4)
    batch[2, 1] = value
    batch[4] = 3.0
    return batch


def where(events: Lines) -> list[tuple[str, int]]:
    return [(event["where"], event["step"]) for event in events]


def test_a_loss_is_told_with_its_batch_and_the_features_in_it(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    train(model, optimizer, [*batches(2), bad_batch()])
    assert events() == [
        {
            "event": "nonfinite",
            "step": 3,
            "time": 1.0,
            "where": "loss",
            "metric": "train/loss",
            "value": "NaN",
            "parameters_affected": 4,
            "parameters": 4,
            "affected": ["0.weight", "0.bias", "2.weight", "2.bias"],
            "batch": {
                "index": 2,
                "ranges": {
                    "0": {
                        "shape": [5, 4],
                        "min": 0.0,
                        "max": 3.0,
                        "mean": pytest.approx(12 / 19),
                        "nan": 1,
                        "rows": [2],
                    }
                },
            },
        }
    ]


def test_weights_that_the_update_ruined_are_told_once(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    train(model, optimizer, [*batches(2), bad_batch(), *batches(5)])
    assert where(events()) == [("loss", 3), ("parameter", 4)]
    assert events()[1]["affected"] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert (events()[1]["parameters_affected"], events()[1]["onset_step"]) == (4, 3)
    assert "parameter" not in events()[1]


def test_weights_that_were_ruined_before_the_step_are_told_before_it_ruins_all(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    train(model, optimizer, batches(2))
    optimizer.state[model.get_parameter("2.bias")]["exp_avg"].fill_(torch.nan)
    train(model, optimizer, batches(4))
    assert where(events()) == [("loss", 4), ("parameter", 4)]
    assert (events()[1]["module"], events()[1]["parameter"]) == ("2", "2.bias")
    assert (events()[1]["parameters_affected"], events()[1]["onset_step"]) == (1, 4)


def test_running_means_that_a_bad_batch_has_ruined_are_told(
    log: Writer, batches: Batches, events: Read
) -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    watch = Watch(log, model)
    for batch in [*batches(1), bad_batch(), *batches(2)]:
        model(batch).sum().backward()
        model.zero_grad()  # as a step that is skipped
        watch.step()
    assert where(events()) == [("gradient", 2), ("buffer", 2)]
    assert (events()[1]["module"], len(events()[1]["affected"])) == ("1", 2)


def test_a_mask_of_minus_infinity_is_no_ruined_buffer(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read
) -> None:
    model.register_buffer("mask", torch.full((2, 2), -torch.inf))
    Watch(log, model, activations=False)
    log.log({"train/loss": "NaN"}, step=1)
    model(*batches(1))
    assert where(events()) == [("loss", 1)]


def test_a_module_is_not_blamed_for_weights_that_were_ruined_in_the_meantime(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read
) -> None:
    Watch(log, model, activations=False)
    log.log({"train/loss": "NaN"}, step=1)
    model(*batches(1))
    torch.nn.init.constant_(model.get_parameter("2.bias"), torch.nan)
    model(*batches(1))
    assert [event["where"] for event in events()] == ["loss", "parameter"]
    assert events()[1]["parameter"] == "2.bias"


def test_the_parameter_nearest_to_the_origin_of_a_gradient_is_named(
    log: Writer, deep: nn.Module, weak: Weak, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(deep.parameters(), lr=0.1)
    Watch(log, deep, optimizer)
    train(deep, optimizer, batches(1))
    weak.back = torch.inf
    train(deep, optimizer, batches(1))
    assert where(events()) == [("gradient", 2)]
    assert (events()[0]["module"], events()[0]["parameter"]) == ("middle", "middle.bias")
    assert (events()[0]["parameters_affected"], events()[0]["parameters"]) == (4, 6)


def test_gradients_that_have_become_nan_with_gaps_blame_no_parameter(
    log: Writer, model: nn.Sequential, events: Read
) -> None:
    watch = Watch(log, model, activations=False)
    model(bad_batch()).sum().backward()
    watch.close()
    assert events()[0]["affected"] == ["0.weight", "2.weight"]
    assert events()[0].keys().isdisjoint({"module", "parameter"})


def test_where_all_gradients_are_affected_none_is_blamed(
    log: Writer, model: nn.Sequential, events: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    model(torch.ones(1, 4)).sum().sub(torch.inf).square().backward()
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert where(events()) == [("gradient", 1)]
    assert events()[0].keys().isdisjoint({"module", "parameter"})


def test_a_gradient_is_told_before_a_loss_that_is_never_logged(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, activations=False)
    model(bad_batch()).sum().backward()
    optimizer.step()
    assert events() == []
    model(*batches(1))
    assert where(events()) == [("gradient", 1), ("parameter", 2)]


def test_what_waits_for_its_loss_is_told_at_the_end(
    log: Writer, model: nn.Sequential, events: Read
) -> None:
    watch = Watch(log, model, activations=False)
    model(bad_batch()).sum().backward()
    watch.close()
    log.log({"train/loss": "NaN"}, step=1)
    assert where(events()) == [("gradient", 1)]


def test_the_step_is_counted_on_where_the_script_logs_rarely(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = Watch(log, model, optimizer)
    for step, batch in enumerate([*batches(5), bad_batch()], 1):
        optimizer.zero_grad()
        model(batch).sum().backward()
        optimizer.step()
        if step == 3:
            log.log({"train/loss": 1.0}, step=step)
    watch.close()
    assert where(events()) == [("gradient", 6)]


def test_the_batch_is_that_of_the_pass_among_accumulated_ones(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read
) -> None:
    watch = Watch(log, model, activations=False)
    for batch in [*batches(2), bad_batch(), *batches(1)]:
        model(batch).sum().backward()
    watch.close()
    assert events()[0]["batch"]["index"] == 2
    assert events()[0]["batch"]["ranges"]["0"]["nan"] == 1


def test_the_module_that_overflows_is_found_in_the_passes_after(
    log: Writer, deep: nn.Module, weak: Weak, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(deep.parameters(), lr=0.0)
    Watch(log, deep, optimizer, activations=False)
    train(deep, optimizer, batches(1))
    weak.forth = torch.inf
    log.log({"train/loss": torch.inf}, step=2)
    deep(torch.ones(5, 4))
    assert where(events()) == [("loss", 2), ("activation", 3)]
    assert (events()[1]["module"], events()[1]["kind"]) == ("weak", "Weak")


def test_a_search_that_finds_nothing_ends(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read
) -> None:
    Watch(log, model, activations=False)
    log.log({"train/loss": "NaN"}, step=1)
    hooks = []
    for batch in batches(5):
        model(batch)
        hooks.append(len(model[0]._forward_hooks))  # noqa: SLF001 - told nowhere else
    assert hooks == [1, 1, 1, 0, 0]
    assert where(events()) == [("loss", 1)]


def test_a_sampled_step_sees_activations_that_never_reach_the_loss(
    log: Writer, deep: nn.Module, weak: Weak, batches: Batches, events: Read, train: Train
) -> None:
    def mended(_module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (inputs[0].detach().nan_to_num(),)

    deep.get_submodule("head").register_forward_pre_hook(mended)
    optimizer = torch.optim.SGD(deep.parameters(), lr=0.1)
    Watch(log, deep, optimizer, every=2)
    train(deep, optimizer, batches(1))
    weak.forth = torch.nan
    train(deep, optimizer, batches(1))
    assert events() == []
    train(deep, optimizer, batches(1))
    assert where(events()) == [("activation", 3)]
    assert (events()[0]["module"], events()[0]["modules_affected"]) == ("weak", 1)


def test_what_was_infinite_before_is_told_beside_the_first_nan(
    log: Writer, deep: nn.Module, weak: Weak, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(deep.parameters(), lr=0.1)
    Watch(log, deep, optimizer, every=1)
    weak.forth = torch.inf
    train(deep, optimizer, batches(1))
    assert where(events())[0] == ("activation", 1)
    assert (events()[0]["module"], events()[0]["infinite_before"]) == ("head", "weak")


def test_the_loaders_own_words_for_the_batch_are_told(
    log: Writer, model: nn.Sequential, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    batch = {"x": bad_batch(-torch.inf), "y": np.array([1.0, np.nan])}
    log.seen.append(SeenBatch(7, 2, 5, ["a", "b"], "c0ffee", batch))
    train(model, optimizer, [bad_batch()])
    told = events()[0]
    assert told["samples"] == ["a", "b"]
    assert (told["batch"]["index"], told["batch"]["epoch"]) == (7, 2)
    assert told["batch"]["fingerprint"] == "c0ffee"
    assert told["batch"]["ranges"]["x"]["infinite"] == 1
    assert told["batch"]["ranges"]["y"] == {
        "shape": [2],
        "min": 1.0,
        "max": 1.0,
        "mean": 1.0,
        "nan": 1,
        "rows": [1],
    }


@pytest.mark.parametrize(
    ("rank", "name"), [(0, "bad-batch-step1.pt"), (1, "bad-batch-rank1-step1.pt")]
)
def test_the_bad_batch_is_saved_if_asked_for(
    folder: Path, model: nn.Sequential, rank: int, name: str
) -> None:
    log = Writer(folder, rank=rank, world_size=2)
    watch = Watch(log, model, save_bad_batch=True)
    model(bad_batch()).sum().backward()
    watch.close()
    (saved,) = torch.load(folder / name)
    assert torch.equal(saved.isnan(), bad_batch().isnan())
    assert name in Path(log.path).read_text()


def test_a_batch_that_cannot_be_saved_is_told_without_a_file(log: Writer, events: Read) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(()))

        def forward(self, factor: Callable[[Tensor], Tensor]) -> Tensor:
            return factor(self.weight)

    model = Model()
    watch = Watch(log, model, save_bad_batch=True)
    model(lambda weight: weight * torch.nan).backward()
    watch.close()
    assert events()[0]["saved"] is None


def test_trouble_is_told_anew_after_a_hundred_calm_passes(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    Watch(log, model, optimizer, every=1000)
    for calm in (99, 100, 1):
        log.log({"train/loss": "NaN"}, step=int(log.step or 0) + 1)
        train(model, optimizer, batches(calm))
    assert where(events()) == [("loss", 1), ("loss", 202)]


def test_a_run_gets_ten_events_at_most(
    log: Writer, model: nn.Sequential, batches: Batches, events: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    Watch(log, model, optimizer, every=10_000)
    for _ in range(12):
        log.log({"train/loss": "NaN"}, step=int(log.step or 0) + 1)
        train(model, optimizer, batches(100))
    assert len(events()) == 10
