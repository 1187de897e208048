"""What a watch adds to the lines of a training."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from trainmon import Writer
from trainmon.writer.watching import Watch

Lines = list[dict[str, Any]]
Read = Callable[[], Lines]
Train = Callable[..., None]
Batches = Callable[[int], list[Tensor]]


def norm_of(tensors: Sequence[Tensor]) -> float:
    return float(torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).norm())


def ratio_of(before: Sequence[Tensor], after: Sequence[Tensor]) -> float:
    moved = norm_of([now - then for now, then in zip(after, before, strict=True)])
    return moved / max(norm_of(before), norm_of(after))


def test_the_gradient_norm_is_that_before_clipping(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    model(*batches(1)).square().mean().backward()
    before = nn.utils.clip_grad_norm_(model.parameters(), 0.001)
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == pytest.approx(float(before), rel=1e-6)
    assert lines()[0]["grad_norm"] > 0.1


def test_of_accumulated_gradients_the_whole_sum_counts(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    for batch in batches(3):
        model(batch).square().mean().backward()
    whole = nn.utils.clip_grad_norm_(model.parameters(), 0.001)
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert [line["grad_norm"] for line in lines()] == pytest.approx([float(whole)], rel=1e-6)


def test_sampled_steps_tell_the_norms_and_the_update_ratio_of_each_layer(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, every=2)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    train(model, optimizer, batches(1))
    line, after = lines()[0], list(model.parameters())
    assert after[0].grad is not None
    assert line["grad_norm/0.weight"] == pytest.approx(norm_of([after[0].grad]), rel=1e-5)
    assert line["weight_norm/0.weight"] == pytest.approx(norm_of([after[0]]), rel=1e-5)
    ratio = ratio_of(before[:1], after[:1])
    assert line["update_ratio/0.weight"] == pytest.approx(ratio, rel=1e-4)
    assert line["update_ratio"] == pytest.approx(ratio_of(before, after), rel=1e-4)


def test_other_steps_tell_the_gradient_norm_and_the_learning_rate_alone(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read, train: Train
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, every=2)
    train(model, optimizer, batches(3))
    kept = {"grad_norm", "lr", "train/loss", "step", "time"}
    assert [line.keys() == kept for line in lines()] == [False, True, False]


def test_the_learning_rate_is_that_of_the_step_itself(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    Watch(log, model, optimizer)
    for batch in batches(3):
        optimizer.zero_grad()
        model(batch).sum().backward()
        optimizer.step()
        schedule.step()
        log.log({"train/loss": 1.0}, step=int(log.step or 0) + 1)
    assert [line["lr"] for line in lines()] == [0.1, 0.05, 0.025]


def test_groups_with_rates_of_their_own_are_told_by_name(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read, train: Train
) -> None:
    groups = [
        {"params": model[0].parameters(), "lr": 0.1, "name": "body"},
        {"params": model[2].parameters(), "lr": torch.tensor(0.5)},
    ]
    optimizer = torch.optim.SGD(groups)
    Watch(log, model, optimizer)
    train(model, optimizer, batches(1))
    rates = {name: value for name, value in lines()[0].items() if name.startswith("lr")}
    assert rates == {"lr": 0.1, "lr/body": 0.1, "lr/1": 0.5}


def test_what_the_script_logs_itself_wins(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    model(*batches(1)).sum().backward()
    optimizer.step()
    log.log({"grad_norm": 7.0}, step=1)
    assert (lines()[0]["grad_norm"], lines()[0]["lr"]) == (7.0, 0.1)


def test_parameters_without_a_gradient_are_left_out(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read, train: Train
) -> None:
    model[0].requires_grad_(requires_grad=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    train(model, optimizer, batches(1))
    layers = {name for name in lines()[0] if name.startswith(("grad_norm/", "weight_norm/"))}
    assert layers == {
        *("grad_norm/2.weight", "grad_norm/2.bias"),
        *("weight_norm/2.weight", "weight_norm/2.bias"),
    }


def test_parameters_that_are_unfrozen_later_are_taken_in(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read, train: Train
) -> None:
    model.requires_grad_(requires_grad=False)
    model[2].requires_grad_(requires_grad=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer, every=1)
    train(model, optimizer, batches(1))
    model[2].requires_grad_(requires_grad=False)
    model[0].requires_grad_(requires_grad=True)
    train(model, optimizer, batches(2))
    assert "grad_norm/0.weight" in lines()[-1]
    assert "grad_norm/2.weight" not in lines()[-1]


def test_a_shared_parameter_counts_once(
    log: Writer, batches: Batches, lines: Read, train: Train
) -> None:
    first = nn.Linear(4, 4)
    second = nn.Linear(4, 4)
    second.weight = first.weight
    model = nn.Sequential(first, second)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    train(model, optimizer, batches(1))
    whole = norm_of(
        [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    )
    assert lines()[0]["grad_norm"] == pytest.approx(whole, rel=1e-6)


def test_rows_of_a_sparse_gradient_that_repeat_are_added_up(log: Writer, lines: Read) -> None:
    model = nn.Embedding(10, 3, sparse=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    model(torch.tensor([1, 1, 2])).sum().backward()
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == pytest.approx((3 * 2**2 + 3 * 1**2) ** 0.5)


def test_a_gradient_may_become_sparse_later(log: Writer, lines: Read) -> None:
    model = nn.Embedding(10, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    for step in range(1, 4):
        model.sparse = step > 1
        optimizer.zero_grad()
        model(torch.tensor([1])).sum().backward()
        optimizer.step()
        log.log({"train/loss": 1.0}, step=step)
    assert [line["grad_norm"] for line in lines()] == pytest.approx([3**0.5] * 3)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_norms_of_16_bit_gradients_are_summed_in_32(
    log: Writer, lines: Read, dtype: torch.dtype
) -> None:
    model = nn.Linear(600, 600, bias=False, dtype=dtype)  # more than are summed at once
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    Watch(log, model, optimizer)
    model.weight.sum().mul(500.0).backward()  # type: ignore[no-untyped-call]  # torch's own
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == pytest.approx(300_000.0, rel=1e-3)


def test_parameters_of_different_types_have_one_norm(log: Writer, lines: Read) -> None:
    model = nn.ParameterList(
        torch.ones(3, dtype=dtype) for dtype in (torch.float32, torch.bfloat16, torch.float64)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    torch.stack([parameter.sum().double() for parameter in model]).sum().backward()  # type: ignore[no-untyped-call]  # torch's own
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == pytest.approx(3.0)
    assert lines()[0]["grad_norm/1"] == pytest.approx(3**0.5)


def test_of_a_large_parameter_a_part_tells_the_update_ratio(log: Writer, lines: Read) -> None:
    model = nn.Linear(1000, 1000, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    Watch(log, model, optimizer)
    before = model.weight.detach().clone()
    model(torch.ones(1, 1000)).square().sum().backward()
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    expected = ratio_of([before], [model.weight])
    assert lines()[0]["update_ratio"] == pytest.approx(expected, rel=0.02)


def test_weights_that_start_at_zero_have_a_finite_ratio(log: Writer, lines: Read) -> None:
    model = nn.Linear(2, 2)
    nn.init.zeros_(model.bias)
    nn.init.zeros_(model.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    (model(torch.zeros(1, 2)).sum()).backward()
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert (lines()[0]["update_ratio/bias"], lines()[0]["update_ratio/weight"]) == (1.0, 0.0)


def test_optimizers_that_step_together_make_one_line(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    body = torch.optim.SGD(model[0].parameters(), lr=0.1)
    head = torch.optim.Adam(model[2].parameters(), lr=0.01)
    Watch(log, model, [body, head])
    model(*batches(1)).sum().backward()
    body.step()
    head.step()
    log.log({"train/loss": 1.0}, step=1)
    assert len(lines()) == 1
    assert (lines()[0]["lr/0"], lines()[0]["lr/1"]) == (0.1, 0.01)
    assert lines()[0]["update_ratio/0.weight"] > 0
    assert lines()[0]["update_ratio/2.weight"] > 0


def test_watches_of_two_models_are_told_apart_by_their_names(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    critic = nn.Linear(2, 1)
    optimizers = [torch.optim.SGD(each.parameters(), lr=0.1) for each in (model, critic)]
    Watch(log, model, optimizers[0])
    Watch(log, critic, optimizers[1], name="critic")
    critic(model(*batches(1))).sum().backward()
    for optimizer in optimizers:
        optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert {"grad_norm", "grad_norm/critic", "lr/critic"} <= lines()[0].keys()
    assert {"grad_norm/0.weight", "grad_norm/critic.weight"} <= lines()[0].keys()
    assert {"update_ratio", "update_ratio/critic"} <= lines()[0].keys()


def test_without_an_optimizer_steps_are_told_by_hand(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read
) -> None:
    watch = Watch(log, model)
    for step, batch in enumerate(batches(2), 1):
        model(batch).sum().backward()
        watch.step()
        log.log({"train/loss": 1.0}, step=step)
    assert all(line["grad_norm"] > 0 for line in lines())
    assert "weight_norm/0.weight" in lines()[0]
    assert "update_ratio" not in lines()[0]


def test_gradients_made_without_a_backward_pass_are_measured_at_the_step(
    log: Writer, model: nn.Sequential, lines: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    model[2].bias.grad = torch.tensor([3.0, 4.0])
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == 5.0


def test_an_optimizer_with_a_closure_is_told_the_norm_of_its_last_pass(
    log: Writer, lines: Read
) -> None:
    model = nn.Linear(1, 1, bias=False)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=1)
    Watch(log, model, optimizer)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss: Tensor = model(torch.ones(1, 1)).mul(3.0).sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch's own
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == 3.0


def test_a_closure_makes_its_own_gradients_which_alone_count(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read, events: Read
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    watch = Watch(log, model, optimizer, every=1)
    for step, batch in enumerate([*batches(2), torch.full((5, 4), torch.nan)], 1):
        before = [parameter.detach().clone() for parameter in model.parameters()]

        def closure(batch: Tensor = batch) -> float:
            optimizer.zero_grad()
            model(batch).square().mean().backward()
            return 1.0

        optimizer.step(closure)
        log.log({"train/loss": 1.0}, step=step)
        ratio = ratio_of(before, list(model.parameters()))
        assert step == 3 or lines()[-1]["update_ratio"] == pytest.approx(ratio, rel=1e-4)
    watch.close()
    assert events()[0]["batch"]["index"] == 2


def test_of_complex_weights_both_parts_move(log: Writer, lines: Read) -> None:
    model = nn.ParameterList([torch.ones(3, dtype=torch.complex64)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    Watch(log, model, optimizer)
    model[0].imag.sum().backward()
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == pytest.approx(3**0.5)
    assert lines()[0]["update_ratio"] == pytest.approx(0.5 / 1.25**0.5)


def test_weights_that_are_not_contiguous_have_a_ratio(log: Writer, lines: Read) -> None:
    model = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    model(torch.ones(1, 3, 4, 4)).sum().backward()
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    ratio = ratio_of(before, list(model.parameters()))
    assert lines()[0]["update_ratio"] == pytest.approx(ratio, rel=1e-4)


def test_an_optimizer_that_never_steps_is_told_once(log: Writer, stderr: io.StringIO) -> None:
    model = nn.Linear(1, 1)
    Watch(log, model, torch.optim.SGD(model.parameters(), lr=0.1))
    for _ in range(2000):
        model.bias.sum().backward()  # type: ignore[no-untyped-call]  # torch's own
    assert stderr.getvalue().count("hears gradients but no steps") == 1


def test_a_pass_that_failed_half_way_does_not_deafen_the_watch(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Read, train: Train
) -> None:
    def fail(_gradient: Tensor) -> None:
        raise MemoryError

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    handle = model.get_parameter("0.weight").register_hook(fail)  # type: ignore[no-untyped-call]  # torch's own
    with pytest.raises(MemoryError):
        train(model, optimizer, batches(1))
    handle.remove()
    model(*batches(1)).square().mean().backward()
    before = nn.utils.clip_grad_norm_(model.parameters(), 0.001)
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[-1]["grad_norm"] == pytest.approx(float(before), rel=1e-6)


def test_a_model_without_parameters_is_watched_in_vain(log: Writer, lines: Read) -> None:
    watch = Watch(log, nn.ReLU())
    watch.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines() == [{"train/loss": 1.0, "step": 1, "time": 1.0}]
