"""A watch leaves no trace in the training it watches."""

import copy
import gc
import io
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from trainmon import Writer
from trainmon.writer.watching import Watch

Lines = list[dict[str, Any]]
Train = Callable[..., None]
Batches = Callable[[int], list[Tensor]]


def hooks_of(model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Return how many hooks there are in a model, its parameters and its optimizer."""
    count = len(optimizer._optimizer_step_pre_hooks) + len(optimizer._optimizer_step_post_hooks)  # noqa: SLF001 - told nowhere else
    for module in model.modules():
        count += len(module._forward_hooks) + len(module._forward_pre_hooks)  # noqa: SLF001 - as above
    for parameter in model.parameters():
        count += len(parameter._post_accumulate_grad_hooks or ())  # noqa: SLF001 - as above
    return count


@pytest.mark.parametrize("every", [1, 3])
def test_the_numbers_of_a_training_are_the_same(
    log: Writer, batches: Batches, train: Train, every: int
) -> None:
    def trained(*, watched: bool) -> tuple[list[Tensor], Tensor]:
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 2))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        watch = Watch(log, model, optimizer, every=every) if watched else None
        bad = torch.full((5, 4), torch.inf)
        train(model, optimizer, [*batches(4), bad, *batches(4)])
        if watch is not None:
            watch.close()
        return [*model.parameters(), *model.buffers()], torch.rand(3)

    expected, expected_draw = trained(watched=False)
    found, found_draw = trained(watched=True)
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)
    assert torch.equal(expected_draw, found_draw)


def test_closing_removes_every_hook(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = hooks_of(model, optimizer)
    watch = Watch(log, model, optimizer, every=1)
    train(model, optimizer, [*batches(2), torch.full((5, 4), torch.nan)])
    model(*batches(1))
    assert hooks_of(model, optimizer) > before
    watch.close()
    watch.close()
    assert hooks_of(model, optimizer) == before


def test_a_watched_model_can_be_copied_and_pickled(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train, lines: Callable[[], Lines]
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    Watch(log, model, optimizer)
    train(model, optimizer, batches(2))
    saved = io.BytesIO()
    torch.save(model, saved)
    saved.seek(0)
    copies = [copy.deepcopy(model), torch.load(saved, weights_only=False)]
    for copied in copies:
        copied(*batches(1)).sum().backward()
        assert torch.equal(copied.get_parameter("0.weight"), model.get_parameter("0.weight"))
    copied_optimizers = [copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))]  # noqa: S301 - our own bytes
    for copied_optimizer in copied_optimizers:
        copied_optimizer.step()
    assert len(lines()) == 2


def test_averages_of_a_watched_model_work(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    average = torch.optim.swa_utils.AveragedModel(model)
    train(model, optimizer, batches(2))
    average.update_parameters(model)
    assert torch.isfinite(average(*batches(1))).all()


def test_a_model_that_is_dropped_is_freed(log: Writer, batches: Batches, train: Train) -> None:
    model = nn.Linear(4, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    train(model, optimizer, batches(2))
    weight = weakref.ref(model.weight)
    del model, optimizer
    gc.collect()
    assert weight() is None


def test_what_was_watched_is_freed_though_the_watch_is_kept(
    log: Writer, batches: Batches, train: Train
) -> None:
    model = nn.Linear(4, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = log.watch(model, optimizer)
    train(model, optimizer, [*batches(2), torch.full((5, 4), torch.nan)])
    watch.close()
    weight = weakref.ref(model.weight)
    del model, optimizer
    gc.collect()
    assert weight() is None


def test_nothing_of_a_step_is_kept_after_it(log: Writer, model: nn.Sequential) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, every=1)
    batch = torch.randn(5, 4)
    model(batch).sum().backward()
    optimizer.step()
    gradient = model.get_parameter("0.weight").grad
    assert gradient is not None
    of_step = [weakref.ref(batch), weakref.ref(gradient)]
    del batch, gradient
    optimizer.zero_grad()
    assert [tensor() for tensor in of_step] == [None, None]


def test_a_failing_hook_is_told_once_and_ends_the_watch_in_time(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train, stderr: io.StringIO
) -> None:
    class Odd:
        @property
        def _scale(self) -> Tensor:
            raise RuntimeError("device-side assert triggered")

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, scaler=Odd())
    train(model, optimizer, batches(12))
    assert stderr.getvalue().count("device-side assert triggered") == 1
    assert hooks_of(model, optimizer) == 0


@pytest.mark.parametrize(
    ("model", "optimizer", "every"),
    [("model", None, 100), (nn.Linear(1, 1), "adam", 100), (nn.Linear(1, 1), None, "often")],
)
def test_bad_arguments_are_told_and_nothing_more(
    log: Writer,
    stderr: io.StringIO,
    model: Any,  # noqa: ANN401 - that is the point
    optimizer: Any,  # noqa: ANN401 - as above
    every: Any,  # noqa: ANN401 - as above
) -> None:
    watch = Watch(log, model, optimizer, every=every)
    watch.step()
    watch.close()
    assert "watch failed" in stderr.getvalue()


def test_evaluation_passes_are_not_looked_at(
    log: Writer, model: nn.Sequential, events: Callable[[], Lines]
) -> None:
    Watch(log, model, every=1)
    bad = torch.full((5, 4), torch.nan)
    with torch.no_grad():
        model(bad)
    model.eval()
    model(bad)
    log.log({"val/loss": torch.nan}, step=1)
    assert events() == []


def test_another_watch_of_the_same_name_ends_the_one_before(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train, lines: Callable[[], Lines]
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        log.watch(model, optimizer)
        train(model, optimizer, batches(1))
    assert len(lines()) == 3
