"""A watch works with what stands around models: compilers, data parallelism, sharding."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from trainmon import Writer
from trainmon.writer.watching import Watch

Lines = list[dict[str, Any]]
Train = Callable[..., None]
Batches = Callable[[int], list[Tensor]]

TWO_PROCESSES = Path(__file__).parent / "two_processes.py"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[None]:
    """Make this the one process of a distributed training."""
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.parametrize("first", ["watched", "compiled"])
def test_a_compiled_model_stays_one_graph(
    log: Writer,
    model: nn.Sequential,
    batches: Batches,
    train: Train,
    lines: Callable[[], Lines],
    first: str,
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    if first == "watched":
        Watch(log, model, optimizer, every=1)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    if first == "compiled":
        Watch(log, compiled, optimizer, every=1)  # type: ignore[arg-type]  # torch says it is callable
    torch._dynamo.utils.counters.clear()  # noqa: SLF001 - told nowhere else
    train(compiled, optimizer, batches(3))
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1  # noqa: SLF001 - as above
    assert all(line["grad_norm/0.weight"] > 0 for line in lines())


def test_a_model_compiled_in_place_stays_one_graph(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train, lines: Callable[[], Lines]
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.compile(backend="eager", fullgraph=True)
    Watch(log, model, optimizer, every=1)
    train(model, optimizer, batches(3))
    assert all(line["grad_norm"] > 0 for line in lines())


def test_weights_of_a_compiled_model_are_searched_too(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train, events: Callable[[], Lines]
) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    compiled = torch.compile(model, backend="eager")
    Watch(log, compiled, optimizer)  # type: ignore[arg-type]  # as above
    train(compiled, optimizer, [*batches(2), torch.full((5, 4), torch.nan), *batches(2)])
    assert [(event["where"], event["step"]) for event in events()] == [
        ("loss", 3),
        ("parameter", 4),
    ]


@pytest.mark.usefixtures("alone")
def test_the_names_of_a_data_parallel_model_are_its_own(
    log: Writer, model: nn.Sequential, batches: Batches, train: Train, lines: Callable[[], Lines]
) -> None:
    parallel = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(parallel.parameters(), lr=0.1)
    Watch(log, parallel, optimizer)
    train(parallel, optimizer, batches(2))
    assert "grad_norm/0.weight" in lines()[0]


@pytest.mark.usefixtures("alone")
def test_a_sharded_model_is_watched(
    log: Writer, model: nn.Sequential, batches: Batches, lines: Callable[[], Lines]
) -> None:
    mesh = torch.distributed.device_mesh.init_device_mesh("cpu", (1,))
    fully_shard(model[0], mesh=mesh)
    fully_shard(model, mesh=mesh)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Watch(log, model, optimizer)
    model(*batches(1)).square().mean().backward()
    before = nn.utils.clip_grad_norm_(model.parameters(), 0.001)
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    line = lines()[0]
    assert line["grad_norm"] == pytest.approx(float(before.full_tensor()), rel=1e-6)  # type: ignore[attr-defined]  # a DTensor
    assert line["update_ratio/0.weight"] > 0


@pytest.mark.parametrize("use_reentrant", [True, False])
def test_passes_within_a_pass_count_as_one(
    log: Writer, batches: Batches, lines: Callable[[], Lines], *, use_reentrant: bool
) -> None:
    blocks = nn.ModuleList(nn.Linear(4, 4) for _ in range(6))
    optimizer = torch.optim.SGD(blocks.parameters(), lr=0.1)
    Watch(log, blocks, optimizer)
    values = blocks[0](*batches(1))
    for block in blocks[1:]:
        values = checkpoint(block, values, use_reentrant=use_reentrant)
    values.square().mean().backward()
    before = nn.utils.clip_grad_norm_(blocks.parameters(), 0.001)
    optimizer.step()
    log.log({"train/loss": 1.0}, step=1)
    assert lines()[0]["grad_norm"] == pytest.approx(float(before), rel=1e-6)


def test_two_processes_see_the_averaged_gradient_and_their_own_shards(tmp_path: Path) -> None:
    """What they assert is in the script; it fails in each of them."""
    processes = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, TWO_PROCESSES, str(rank), tmp_path], stderr=subprocess.PIPE
        )
        for rank in range(2)
    ]
    told = [process.communicate()[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], "\n".join(told)
